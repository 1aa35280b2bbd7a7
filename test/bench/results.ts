/** All that a run of the benchmark measured; the file of --json. */

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
}

/** Speeds of one and of two threads. */
export interface Pair {
  readonly one: number
  readonly two: number
}

export interface Probe {
  /** binary32 operations, 10^9 a second: independent 128-bit products and sums */
  readonly gigaflops: Pair
  /** 10^9 bytes a second, over more than any cache holds */
  readonly gigabytes: Pair
}

/** How far a peer's weights are from ours after a few learning steps, the worst matrix of all. */
export interface Agreement {
  /** largest difference over largest weight */
  readonly weights: number
  /** norm of the difference over the norm of what the steps changed */
  readonly change: number
}

export interface Timing {
  readonly name: string
  /** an engine of ours, or a peer */
  readonly kind: 'engine' | 'peer'
  /** threads that it may use; it is compared with the machine's speed on as many */
  readonly threads: number
  /** the formulation of a peer that is the faster one counts; the other is shown beside it */
  readonly note?: string
  readonly agreement?: Agreement
  readonly steps: number
  /** milliseconds a step, one for each round */
  readonly rounds: readonly number[]
}

export interface CaseResult {
  readonly name: string
  readonly text: string
  readonly operations: number
  readonly bytes: number
  /** 10^9 bytes a second, over as many bytes as the step goes through */
  readonly gigabytes: Pair
  readonly timings: readonly Timing[]
}

export interface Scaling {
  readonly variable: 'T' | 'n' | 'L' | 'B'
  readonly text: string
  readonly values: readonly number[]
  /** of a whole sequence for T, else of a step */
  readonly milliseconds: readonly number[]
  readonly exponent: number
}

export interface MemoryUse {
  readonly steps: number
  /** heap and array buffers after a collection */
  readonly bytes: number
}

export interface WorkersResult {
  readonly n: number
  readonly layers: number
  readonly one: readonly number[]
  readonly two: readonly number[]
}

export interface KernelResult {
  readonly name: string
  readonly operations: number
  readonly milliseconds: readonly number[]
}

/** A phase of a step, or several between two meetings of the workers; milliseconds a step, one number for each worker. */
export interface PhaseResult {
  readonly text: string
  readonly workers: number
  readonly phase: string
  readonly busy: readonly number[]
  readonly waiting: readonly number[]
}

/** Seconds of a run on one thread and with two workers, while others want the cores. */
export interface LoadResult {
  readonly text: string
  readonly one: number
  readonly two: number
}

/** A stream of one row: what each line took. */
export interface LatencyResult {
  readonly text: string
  /** after the warm-up, in their order */
  readonly microseconds: readonly number[]
}

export interface Results {
  readonly spec: string
  readonly quick: boolean
  readonly machine: Machine
  /** why the wide kernels run, or do not */
  readonly wide?: string
  /** what the peers say of themselves, and why one is absent */
  readonly peers: readonly string[]
  /** the engine that the ratios, the scaling and the memory are of */
  readonly ours: string
  readonly probe?: Probe
  readonly cases: readonly CaseResult[]
  readonly phases: readonly PhaseResult[]
  readonly workers: readonly WorkersResult[]
  readonly scaling: readonly Scaling[]
  readonly memory: readonly MemoryUse[]
  readonly kernels: readonly KernelResult[]
  /** none in figures of before it was measured */
  readonly stream?: readonly LatencyResult[]
  /** not of older figures */
  readonly load?: readonly LoadResult[]
}
