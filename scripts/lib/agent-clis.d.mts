export declare const AGENT_CLIS: Readonly<
  Record<'claude' | 'codex' | 'gemini' | 'opencode', { package: string; version: string; program: string }>
>;
export declare function agentCliDirectory(name: keyof typeof AGENT_CLIS): string;
export declare function agentCliProgram(name: keyof typeof AGENT_CLIS): string;
export declare function agentCliFailure(name: keyof typeof AGENT_CLIS): string;
export declare function ensureAgentClis(): Promise<void>;
