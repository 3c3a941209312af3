/**
 * A list has an order and may be long: it is read in parts. Each member has a position, and a time at which it is due: from
 * then on what it stands for may have ended without anybody's having said so.
 */
export interface ListEntry {
  readonly member: string;
  /** An integer. */
  readonly position: number;
  /** From now; not before. */
  readonly dueSeconds: number;
}

export interface EnlistTerms {
  /** For how long they stay after they are due, at least. */
  readonly ttlSeconds: number;
  /** Says it only of those who are in the list: what was taken out meanwhile stays out. */
  readonly onlyThere?: boolean;
}

export interface ListPart {
  /** How many come before it. */
  readonly from?: number;
  /** In place of that: behind this place, whether or not somebody stands there. */
  readonly after?: ListPlace | undefined;
  readonly limit: number;
  /** How many of those who are due are named. */
  readonly dueLimit?: number;
}

export interface ListPlace {
  readonly member: string;
  readonly position: number;
}

export interface ListPage {
  /** Of the whole list. */
  readonly count: number;
  readonly entries: readonly ListPlace[];
  /** Of the whole list. */
  readonly dueCount: number;
  readonly due: readonly string[];
}
