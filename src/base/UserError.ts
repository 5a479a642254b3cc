/**
 * An error whose message is one clear sentence for the person at the screen: what is wrong and where. Everything else
 * that is thrown is a fault of ours.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}
