/**
 * Takes off an error what the client (ioredis 6.0) hangs on it: the command with its arguments, which are keys, values and,
 * when signing in to Redis fails, its password. Errors end in logs.
 */
export function withoutArguments<E>(error: E): E {
  if (!(error instanceof Error)) return error;
  Reflect.deleteProperty(error, 'command');
  if ('lastNodeError' in error) withoutArguments(error.lastNodeError);
  return error;
}
