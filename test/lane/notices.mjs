/** The licences of all that is in the package but is not ours. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/** What bundles do not show: the native library, and the library that the kernel is compiled with. */
const BESIDES_BUNDLES = ['assemblyscript', 'onnxruntime-common', 'onnxruntime-node'];
const LICENCE_FILE = /^(licen[cs]e|copying|notice|thirdpartynotices?)([.-].*)?$/i;
const RULE = '='.repeat(80);

/** @param {string} path in node_modules */
const read = (path) =>
  readFileSync(join(ROOT, 'node_modules', path), 'utf8')
    .replaceAll('\r\n', '\n')
    .trim();
/** @param {string} holder */
const mit = (holder) =>
  `MIT License\n\nCopyright (c) ${holder}\n\n${/Permission is hereby granted.*/s.exec(read('@vscode/webview-ui-toolkit/LICENSE'))?.[0]}`;
const apache = () => read('assemblyscript/LICENSE');

/** Texts for packages that only name their licence, by the holder that they name. @type {Record<string, () => string>} */
const NAMED_ONLY = {
  '@bufbuild/protobuf': () =>
    `${apache()}\n\n${/^(\/\/.*\n)+/.exec(read('@bufbuild/protobuf/dist/esm/wire/varint.js'))?.[0]}`,
  '@microsoft/fast-element': () => mit('Microsoft Corporation'),
  '@microsoft/fast-foundation': () => mit('Microsoft Corporation'),
  '@microsoft/fast-web-utilities': () => mit('Microsoft Corporation'),
  'onnx-buf': () => mit('Eric Zhang'),
  'onnxruntime-common': () => mit('Microsoft Corporation'),
  'onnxruntime-node': () =>
    `${mit('Microsoft Corporation')}\n\nWhat onnxruntime itself contains of others is listed in\nhttps://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt`,
  onnxsim: apache,
};

/**
 * Names of the packages that bundles are made of.
 * @param {import('esbuild').Metafile} metafile
 * @returns {string[]}
 */
export function packagesOf(metafile) {
  const packages = Object.keys(metafile.inputs).flatMap(
    (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path.replaceAll('\\', '/'))?.[1] ?? [],
  );
  return [...new Set(packages)].sort();
}

/**
 * The text of ThirdPartyNotices.txt: name, version, source and licence of each package.
 * @param {readonly string[]} bundled names of packages
 * @throws {Error} if a package has no text of its licence
 */
export function thirdPartyNotices(bundled) {
  const names = [...new Set([...bundled, ...BESIDES_BUNDLES])].sort();
  const entries = names.map((name) => {
    const { version, license, homepage } = JSON.parse(read(`${name}/package.json`));
    return [`${name} ${version} (${license})`, homepage ?? '', '', textOf(name)];
  });
  const intro = `Quantscope contains these ${names.length} packages of others, under the licences that follow.`;
  return [intro, '', ...names.map((name) => `- ${name}`), '']
    .concat(entries.flatMap((lines) => [RULE, ...lines, '']))
    .join('\n');
}

/** @param {string} name */
function textOf(name) {
  const files = readdirSync(join(ROOT, 'node_modules', name)).filter((file) => LICENCE_FILE.test(file));
  if (files.length > 0) return files.map((file) => read(`${name}/${file}`)).join('\n\n');
  const text = NAMED_ONLY[name]?.();
  if (text === undefined) throw new Error(`${name} has no text of its licence; give it one in notices.mjs.`);
  return text;
}
