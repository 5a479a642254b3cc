import type { NodeProto } from 'onnx-buf';
import type { ChannelMap } from '../../quant/equalization/ChannelMap';
import type { ExternalFiles } from '../file/externalData';
import type { ConstantTensor } from '../graph/Scope';
import type { InspectedModel } from '../read/inspectModel';
import type { Place } from './Place';

/** The part of a model that pairs are found in. */
export type EqualizedModel = Pick<InspectedModel, 'graph' | 'layers'> & { readonly files: ExternalFiles };

/** A constant input of a node whose elements are scaled with an activation's channels. */
export interface Operand {
  readonly node: NodeProto;
  /** Of the node's inputs. */
  readonly index: number;
  readonly constant: ConstantTensor;
  /** Of the constant's elements; of `dims` where it is written out first. */
  readonly map: ChannelMap;
  /** Whether it is multiplied by the scales, as what reads the activation is; else it is divided. */
  readonly multiplied: boolean;
  /** The shape that one number is written out to before it is scaled; null for a constant that has its channels already. */
  readonly dims: readonly number[] | null;
}

/** A layer that reads an activation, whose weight is multiplied by the scales that the activation is divided by. */
export interface Reader {
  readonly layer: string;
  readonly operand: Operand;
  /** The activation as the node reads it, and where its channels are. */
  readonly input: string;
  readonly place: Place;
}

/**
 * Constants between which scales can be moved channel by channel, without any change to what the model computes: all that makes an
 * activation is divided by them, all that reads it is multiplied.
 */
export interface EqualizationPair {
  /** The activation where it is made. */
  readonly tensor: string;
  readonly channels: number;
  /** A layer's own weight and bias; parameters of a normalization or a constant factor; or a Mul that is put in for it. */
  readonly source: 'layer' | 'scale' | 'inserted';
  /** The layer that makes it, if its weight is among the operands. */
  readonly layer: string | null;
  /** What is scaled but for the readers' weights. */
  readonly operands: readonly Operand[];
  readonly readers: readonly Reader[];
  /** The nodes that the scales pass through. */
  readonly through: readonly NodeProto[];
}
