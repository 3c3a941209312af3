import {
  type Advance,
  type AdvanceResult,
  rememberedGenerations,
  repeatsPerStep,
  type Take,
  type TakeResult,
} from '../store.ts';
import { milliseconds } from './replies.ts';
import type { Scripts } from './scripts.ts';

export async function sendAdvance(scripts: Scripts, asked: Advance): Promise<AdvanceResult> {
  const { record, from, nonce, extend, graceSeconds, ttlSeconds } = asked;
  const [extended = record] = extend;
  const { count, windowSeconds } = asked.limit ?? { count: 0, windowSeconds: 0 };
  const times = [milliseconds(graceSeconds), milliseconds(ttlSeconds)] as const;
  const limit = [count * repeatsPerStep, milliseconds(windowSeconds), repeatsPerStep] as const;
  const result = await scripts.advance(record, extended, from, ...times, nonce, rememberedGenerations, ...limit);
  return typeof result === 'object' ? { secondsLeft: Math.max(1, Math.ceil(result[0] / 1000)) } : result;
}

export async function sendTake(scripts: Scripts, { record, nonce, along }: Take): Promise<TakeResult> {
  const { replace, write, ttlSeconds = 0 } = along ?? {};
  const keys = [record, replace?.key ?? record, write?.key ?? record] as const;
  const texts = [replace?.expected ?? '', replace?.value ?? '', write?.value ?? ''] as const;
  const result = await scripts.take(...keys, nonce, ...texts, milliseconds(ttlSeconds));
  return typeof result === 'number' ? result / 1000 : result;
}
