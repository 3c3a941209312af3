/** What stands beside a record that was taken, or advanced; the same rules as in take.lua and advance.lua. Milliseconds. */
export type Mark =
  | { readonly takenAt: number; readonly nonce: string }
  | {
      readonly generation: number;
      readonly reached: readonly number[];
      readonly nonce: string;
      readonly asked?: Asked | undefined;
      /** The oldest generation that is as good as the newest, where several were told of it. */
      readonly sharedFrom?: number | undefined;
    };

/** What was spent of a limit, and since when; a generation costs `repeatsPerStep`. */
export interface Asked {
  readonly count: number;
  readonly since: number;
}

export function parse(mark: string | null): Mark | undefined {
  return mark === null ? undefined : JSON.parse(mark);
}

/** Of a record that was never advanced: where it begins. */
export function advancedOf(mark: string | null): Advanced {
  const parsed = parse(mark);
  return parsed && 'reached' in parsed ? parsed : { generation: 0, reached: [], nonce: '' };
}

export type Advanced = Extract<Mark, { reached: unknown }>;
