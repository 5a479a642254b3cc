import type { EngineProcess, EngineProcessOptions } from '../client/EngineProcess';

export interface CommandContext {
  readonly engine: EngineProcess;
  readonly engineOptions: EngineProcessOptions;
  /** Aborted by Ctrl+C. */
  readonly signal: AbortSignal;
}

/** @throws UsageError, UserError, CancelledError */
export type Command = (args: string[], context: CommandContext) => Promise<void>;
