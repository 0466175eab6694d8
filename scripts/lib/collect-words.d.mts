interface Place {
  file: string;
  line: number;
  text: string;
}
export declare function collectWords(directory: string): {
  words: string[];
  plurals: string[];
  bare: Place[];
  hidden: Place[];
};
