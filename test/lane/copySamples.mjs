/** Puts real models where F5 and `npm start` look for them. */
import { sampleFolder } from './sampleFolder.mjs';

console.log(await sampleFolder());
