export interface Change {
  readonly file: string;
  readonly name: string;
  readonly at: Date;
}

/** Who changed what, the newest last. */
export class Trail<T extends Change> {
  private readonly changes: T[] = [];

  constructor(private readonly shown: number) {}

  append(change: T): this {
    if (change.name === '') return this;
    this.changes.push(change);
    return this;
  }

  latest(): readonly T[] {
    return this.changes.slice(-this.shown);
  }
}
