import { addOuterProducts } from './addOuterProducts';
import { quadraticForm } from './quadraticForm';

/** Which products of inputs are summed. */
export interface ProductsShape {
  readonly inputs: number;
  /** Inputs of a group; those of different groups are not multiplied. */
  readonly perGroup: number;
  /** Inputs that are multiplied with each other, from the first of a group on; the last block of a group may be short. */
  readonly block: number;
}

/** Rows d of numbers, one after the other. */
export interface FormRows {
  readonly d: ArrayLike<number>;
  /** Where the first row's numbers begin, and numbers from one row to the next. */
  readonly from: number;
  readonly rows: number;
  readonly stride: number;
}

/** Sums of products of inputs, wherever they lie and by whatever loops. */
export interface Products {
  /** [inputs][block]: row i has the products of input i with those of its block, from itself on. To be read or set before the next call. */
  readonly numbers: Float64Array;
  /**
   * Adds weight * x xT of the inputs from `first` on, which begin with a group's.
   * @param vectors [count][width], `width` being inputs of whole groups
   */
  add(first: number, width: number, vectors: Float32Array, count: number, weight: number): void;
  /** Returns d S dT of each row, S being the block that begins with input `start`, of `count` inputs. */
  forms(start: number, count: number, rows: FormRows): Float64Array;
}

export type MakeProducts = (shape: ProductsShape) => Products;

/** In plain arrays and loops. */
export const plainProducts: MakeProducts = ({ inputs, perGroup, block }) => {
  const numbers = new Float64Array(inputs * block);
  return {
    numbers,
    add: (first, width, vectors, count, weight) =>
      addOuterProducts(vectors, count, width, perGroup, block, weight, numbers.subarray(first * block)),
    forms: (start, count, { d, from, rows, stride }) =>
      Float64Array.from({ length: rows }, (_, r) =>
        quadraticForm(numbers, start * block, block, count, d, from + r * stride),
      ),
  };
};
