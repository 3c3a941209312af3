import { Redis, type RedisOptions } from 'ioredis';

const channel = '+switch-master';
const reconnectDelayMs = 500;

/**
 * Follows the Sentinels from one primary to the next also while the former one lives: after `SENTINEL FAILOVER`, or when it
 * was only slow, it goes on taking writes for seconds, all of which are thrown away once it follows its successor.
 */
export class SentinelClient extends Redis {
  readonly #watches: readonly Redis[];
  /** Told of a new primary on the way to one: that may be the former. */
  #isLate = false;

  constructor(options: RedisOptions & { replyMapping?: 'legacy' }) {
    super(options);
    this.#watches = (options.sentinels ?? []).map(({ host = '127.0.0.1', port = 26_379 }) =>
      this.#watch(host, port, options),
    );
    this.once('end', () => this.#endWatches());
    this.on('ready', () => this.#isLate && this.#leave());
  }

  /** A client that ends while it reconnects does not say so itself (ioredis 6.0). */
  override disconnect(reconnect = false): void {
    if (!reconnect) this.#endWatches();
    super.disconnect(reconnect);
  }

  #watch(host: string, port: number, options: RedisOptions): Redis {
    const { name, sentinelUsername: username, sentinelPassword: password, sentinelTLS: tls } = options;
    const watch = new Redis({
      ...{ host, port, enableReadyCheck: false, maxRetriesPerRequest: null, retryStrategy: () => reconnectDelayMs },
      ...(options.connectTimeout && { connectTimeout: options.connectTimeout }),
      ...(username && { username }),
      ...(password && { password }),
      ...(tls && { tls }),
    });
    // A Sentinel that is away is one of several, and the way to the primary says so when none is left.
    watch.on('error', () => undefined);
    watch.on('message', (_channel, text: string) => this.#follow(name ?? '', text));
    watch.subscribe(channel).catch(() => undefined);
    return watch;
  }

  /** `<name> <old host> <old port> <new host> <new port>`; each of them says it when it knows. */
  #follow(name: string, text: string): void {
    const [switched, , , host, port] = text.split(' ');
    const { remoteAddress, remotePort } = this.stream ?? {};
    if (switched !== name || (remoteAddress === host && remotePort === Number(port))) return;
    this.#leave();
  }

  /** Only from where it is: interrupted on its way, a client never comes back (ioredis 6.0). */
  #leave(): void {
    this.#isLate = this.status !== 'ready';
    if (!this.#isLate) super.disconnect(true);
  }

  #endWatches(): void {
    for (const watch of this.#watches) watch.disconnect();
  }
}
