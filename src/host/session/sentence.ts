import { UserError } from '../../base/UserError';

/** The message of an error for a person. */
export function sentence(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return `Quantscope made a mistake: ${error instanceof Error ? error.message : String(error)}`;
}
