const LANES = 16;
const FLUSH = 1024;

/** A sum in the kernel's order: see `Kernel`. */
export class LaneSum {
  private readonly lanes = new Float32Array(LANES);
  private total = 0;
  private readonly groups: number;

  /** @param count how many terms the sum will have */
  constructor(count: number) {
    this.groups = count & -LANES;
  }

  /** Adds term `i`, a float32 number; terms come in order. */
  add(i: number, term: number): void {
    if (i >= this.groups) {
      this.total += term;
      return;
    }
    const { lanes } = this;
    lanes[i & (LANES - 1)]! += term;
    if ((i + 1) % FLUSH === 0 || i + 1 === this.groups) this.flush();
  }

  get value(): number {
    return this.total;
  }

  private flush(): void {
    let sum = 0;
    for (const lane of this.lanes) sum += lane;
    this.total += sum;
    this.lanes.fill(0);
  }
}
