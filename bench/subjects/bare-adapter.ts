import type { ChainableCommander, Redis } from 'ioredis';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

/**
 * The Redis adapter that users of oidc-provider commonly copy from its examples, command for command, in our words:
 * what must be used once is a hash with a field `consumed`, everything else a string of JSON. A peer to be measured and
 * nothing to use: two requests at once both redeem a code, and the list of a grant grows for ever.
 */
export function createCopiedAdapter(redis: Redis): AdapterFactory {
  return (model) => new CopiedAdapter(model, redis);
}

const usedOnce = ['AuthorizationCode', 'RefreshToken', 'DeviceCode', 'BackchannelAuthenticationRequest'];
const ofGrant = [...usedOnce, 'AccessToken'];

class CopiedAdapter implements Adapter {
  readonly #model: string;
  readonly #redis: Redis;
  readonly #isUsedOnce: boolean;

  constructor(model: string, redis: Redis) {
    this.#model = model;
    this.#redis = redis;
    this.#isUsedOnce = usedOnce.includes(model);
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const key = this.#key(id);
    const text = JSON.stringify(payload);
    const commands = this.#redis.multi();
    if (this.#isUsedOnce) commands.hmset(key, { payload: text });
    else commands.set(key, text);
    if (expiresIn) commands.expire(key, expiresIn);
    if (ofGrant.includes(this.#model) && payload.grantId) {
      await this.#listWithGrant(commands, `grant:${payload.grantId}`, key, expiresIn);
    }
    for (const index of indexesOf(payload)) commands.set(index, id).expire(index, expiresIn);
    await commands.exec();
  }

  async #listWithGrant(commands: ChainableCommander, list: string, key: string, expiresIn: number) {
    commands.rpush(list, key);
    if (expiresIn > (await this.#redis.ttl(list))) commands.expire(list, expiresIn);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    if (!this.#isUsedOnce) {
      const text = await this.#redis.get(this.#key(id));
      return text === null ? undefined : JSON.parse(text);
    }
    const { payload, ...marks } = await this.#redis.hgetall(this.#key(id));
    return payload === undefined ? undefined : { ...marks, ...JSON.parse(payload) };
  }

  async findByUid(uid: string) {
    return this.#findBy(`uid:${uid}`);
  }

  async findByUserCode(userCode: string) {
    return this.#findBy(`userCode:${userCode}`);
  }

  async #findBy(index: string) {
    const id = await this.#redis.get(index);
    return id === null ? undefined : this.find(id);
  }

  async consume(id: string): Promise<void> {
    await this.#redis.hset(this.#key(id), 'consumed', Math.floor(Date.now() / 1000));
  }

  async destroy(id: string): Promise<void> {
    await this.#redis.del(this.#key(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    const list = `grant:${grantId}`;
    const keys = await this.#redis.lrange(list, 0, -1);
    const commands = this.#redis.multi();
    for (const key of [...keys, list]) commands.del(key);
    await commands.exec();
  }

  #key(id: string) {
    return `${this.#model}:${id}`;
  }
}

function indexesOf({ userCode, uid }: AdapterPayload) {
  return [...(userCode ? [`userCode:${userCode}`] : []), ...(uid ? [`uid:${uid}`] : [])];
}
