/** The folder with the agent definitions of this installation: text in, text out; what it means is known elsewhere. */
export interface DefinitionText {
  /** The file's name in the folder, ending in .md. */
  file: string;
  text: string;
  /** Why it could not be read as text. */
  unreadable?: string;
}

export interface DefinitionFolder {
  /** Every definition file, in the order of their names. */
  read(): Promise<DefinitionText[]>;
  /** All of it or nothing, also for whoever reads at that moment. */
  write(file: string, text: string): Promise<void>;
  remove(file: string): Promise<void>;
  /** Tells, a moment after things came to rest, that a file may have changed. */
  watch(onChange: () => void): { close(): void };
}
