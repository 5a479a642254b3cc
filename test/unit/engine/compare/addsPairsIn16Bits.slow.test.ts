import { expect, it } from 'vitest';
import { addsPairsIn16Bits } from '../../../../src/engine/compare/addsPairsIn16Bits';
it('x', async () => { console.log('RES', await addsPairsIn16Bits()); });
