/** The only door to onnxruntime. A model that makes it crash takes the process along: call this in a process of its own. */
import { env, InferenceSession, Tensor } from './onnxruntime.mjs';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../base/UserError';
import { checkRoom } from '../../files/newFile';
import { packHalf, unpackHalf } from '../../core/scheme/half';

/** Of onnxruntime: another one may compute other last digits. */
export const RUNTIME_VERSION = env.versions.node ?? env.versions.common;

/** One input or output value as plain numbers; what a comparison needs. */
export interface Value {
  readonly type: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

/** Numbers to be fed, to be converted to the element type; or text. */
export interface Feed {
  readonly type: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | readonly string[];
}

export interface LoadOptions {
  /** That a run may use; 0, the default, is as many as the machine has cores. */
  readonly threads?: number;
  /** Whether nodes between quantizers become integer kernels, as they do by default; else they compute in float what the codes stand for. */
  readonly integerKernels?: boolean;
}

export class RuntimeModel {
  private constructor(private readonly session: InferenceSession) {}

  /**
   * @param model a path, or the bytes of a model without external data
   * @throws UserError with onnxruntime's own words if it does not load the model
   */
  static async load(
    model: string | Uint8Array,
    { threads = 0, integerKernels = true }: LoadOptions = {},
  ): Promise<RuntimeModel> {
    const options = {
      executionProviders: ['cpu'],
      // onnxruntime prints fatal errors only; the rest arrives as exceptions.
      logSeverityLevel: 4,
      intraOpNumThreads: threads,
      ...(integerKernels ? {} : { extra: { session: { disable_quant_qdq: '1' } } }),
    } as const;
    try {
      // Its types tell paths from bytes.
      return new RuntimeModel(
        typeof model === 'string'
          ? await InferenceSession.create(model, options)
          : await InferenceSession.create(model, options),
      );
    } catch (error) {
      throw new UserError(`onnxruntime cannot load the model: ${reason(error)}`);
    }
  }

  /**
   * Writes the model as onnxruntime's graph optimizations leave it. The basic ones use operators of ONNX alone: constants folded,
   * BatchNormalization folded into convolutions, nodes without effect removed; the extended ones put in the kernels that
   * it will run on this machine (onnxruntime documentation, "Graph Optimizations").
   * @throws UserError as `load`; SystemError if it cannot be written
   */
  static async optimize(path: string, output: string, level: 'basic' | 'extended'): Promise<void> {
    try {
      const session = await InferenceSession.create(path, {
        executionProviders: ['cpu'],
        logSeverityLevel: 4,
        graphOptimizationLevel: level,
        optimizedModelFilePath: output,
      });
      await session.release();
    } catch (error) {
      // onnxruntime does not tell a full disk from a model that it cannot serialize.
      await checkRoom(dirname(output), statSync(path).size);
      throw new UserError(`onnxruntime cannot load the model: ${reason(error)}`);
    }
  }

  /**
   * Runs the model some times and sums up how long each of its kernels took.
   * @param folder where onnxruntime may write its trace meanwhile
   * @returns milliseconds of one run by the names of nodes, as onnxruntime's own optimizations leave them
   * @throws UserError as `load` and `run`
   */
  static async profile(
    path: string,
    folder: string,
    feeds: ReadonlyMap<string, Tensor>,
    runs: number,
  ): Promise<Map<string, number>> {
    const prefix = join(folder, 'profile');
    try {
      const session = await InferenceSession.create(path, {
        executionProviders: ['cpu'],
        logSeverityLevel: 4,
        enableProfiling: true,
        profileFilePrefix: prefix,
      });
      for (let i = 0; i < runs; i++) await session.run(Object.fromEntries(feeds), tensorOutputs(session));
      session.endProfiling();
      await session.release();
    } catch (error) {
      throw new UserError(`onnxruntime cannot run the model: ${reason(error)}`);
    }
    const file = readdirSync(folder).find((name) => name.startsWith(basename(prefix)));
    if (file === undefined) return new Map();
    const trace = JSON.parse(readFileSync(join(folder, file), 'utf8')) as TraceEvent[];
    rmSync(join(folder, file));
    return timesOf(trace, runs);
  }

  get inputNames(): readonly string[] {
    return this.session.inputNames;
  }

  /** Names of the outputs that a run gives: tensors. */
  get tensorOutputs(): readonly string[] {
    return tensorOutputs(this.session);
  }

  /** Names of the outputs that are sequences, maps or optional values, which onnxruntime does not hand to JavaScript. */
  get otherOutputs(): readonly string[] {
    return this.session.outputMetadata.flatMap(({ name, isTensor }) => (isTensor ? [] : [name]));
  }

  /**
   * Runs the model once.
   * @returns its outputs of numbers by name
   * @throws UserError as `runTensors`
   */
  async run(feeds: ReadonlyMap<string, Tensor>): Promise<Map<string, Value>> {
    const numbers = [...(await this.runTensors(feeds))].filter(([, { type }]) => type !== 'string');
    return new Map(numbers.map(([name, tensor]) => [name, valueOf(tensor)]));
  }

  /**
   * Runs the model once.
   * @returns its tensors by name, as they can be fed to another model
   * @throws UserError with onnxruntime's own words, or if no output is a tensor
   */
  async runTensors(feeds: ReadonlyMap<string, Tensor>): Promise<Map<string, Tensor>> {
    const fetches = this.tensorOutputs;
    if (fetches.length === 0) throw new UserError('The model has no output that is a tensor.');
    try {
      const results = await this.session.run(Object.fromEntries(feeds), fetches);
      return new Map(Object.entries(results).filter(([, tensor]) => tensor instanceof Tensor));
    } catch (error) {
      throw new UserError(`onnxruntime cannot run the model: ${reason(error)}`);
    }
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

function tensorOutputs({ outputMetadata }: InferenceSession): string[] {
  return outputMetadata.flatMap(({ name, isTensor }) => (isTensor ? [name] : []));
}

/** An event of onnxruntime's trace (Chrome's trace event format); times are in microseconds. */
interface TraceEvent {
  readonly name?: string;
  readonly cat?: string;
  readonly dur?: number;
}

const KERNEL_TIME = '_kernel_time';

function timesOf(trace: readonly TraceEvent[], runs: number): Map<string, number> {
  const times = new Map<string, number>();
  for (const { name, cat, dur } of trace) {
    if (cat !== 'Node' || !name?.endsWith(KERNEL_TIME) || dur === undefined) continue;
    const node = name.slice(0, -KERNEL_TIME.length);
    times.set(node, (times.get(node) ?? 0) + dur / 1000 / runs);
  }
  return times;
}

export function valueOf(tensor: Tensor): Value {
  return { type: tensor.type, shape: tensor.dims, data: numbersOf(tensor) };
}

/** @throws UserError for numbers as text or the other way round, and for types that JavaScript has no arrays for */
export function toTensor({ type, shape, data }: Feed): Tensor {
  if (!ArrayBuffer.isView(data)) {
    if (type === 'string') return new Tensor('string', [...(data as readonly string[])], shape);
    throw new UserError(`An input of the element type ${type} takes no text.`);
  }
  switch (type) {
    case 'float32':
      return new Tensor('float32', data instanceof Float32Array ? data : Float32Array.from(data), shape);
    case 'float64':
      return new Tensor('float64', Float64Array.from(data), shape);
    case 'float16':
      return new Tensor('float16', Uint16Array.from(data, packHalf), shape);
    case 'int64':
    case 'uint64':
      return new Tensor(type, bigints(type, data), shape);
    case 'int32':
      return new Tensor('int32', Int32Array.from(data), shape);
    case 'uint32':
      return new Tensor('uint32', Uint32Array.from(data), shape);
    case 'int16':
      return new Tensor('int16', Int16Array.from(data), shape);
    case 'uint16':
      return new Tensor('uint16', Uint16Array.from(data), shape);
    case 'int8':
      return new Tensor('int8', Int8Array.from(data), shape);
    case 'uint8':
      return new Tensor('uint8', Uint8Array.from(data), shape);
    case 'bool':
      return new Tensor('bool', Uint8Array.from(data), shape);
    default:
      throw new UserError(
        `Inputs of the element type ${type} cannot be made of numbers: the model can only be exported without running it (--no-verify, or the setting quantscope.export.verify).`,
      );
  }
}

function bigints(
  type: 'int64' | 'uint64',
  data: Float32Array | Float64Array,
): BigInt64Array | BigUint64Array {
  const values = Array.from(data, (value) => BigInt(value));
  return type === 'int64' ? BigInt64Array.from(values) : BigUint64Array.from(values);
}

function numbersOf(tensor: Tensor): ArrayLike<number | bigint> {
  const data = tensor.data as ArrayLike<number | bigint>;
  // Bits as Uint16Array, or numbers already where the platform has a Float16Array.
  return tensor.type === 'float16' && data instanceof Uint16Array
    ? Float64Array.from(data, unpackHalf)
    : data;
}

/** onnxruntime's own words on one line: what follows its error code, without positions in its sources. */
function reason(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ');
  const plain = text
    .replace(/^.*\[ONNXRuntimeError\] : \d+ : \w+ : /, '')
    .replace(/\/\S+\.(cc|h):\d+ (\S+ )?/g, '')
    .trim();
  return plain.length > 400 ? `${plain.slice(0, 400)}…` : plain;
}
