import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(__dirname, '../..');

/** Which parts a part of the code may import from, and which packages. '*' stands for any npm package, 'node' for Node's own modules. */
const RULES: Record<string, { parts: string[]; packages: string[] }> = {
  'src/shared': { parts: [], packages: [] },
  'src/onnx': { parts: ['src/shared', 'src/quant (types)'], packages: ['onnx-buf', '@bufbuild/protobuf'] },
  'src/quant': { parts: ['src/shared', 'src/onnx (types)'], packages: [] },
  'src/kernel': { parts: ['src/shared'], packages: [] },
  'src/runtime': { parts: ['src/shared'], packages: ['onnxruntime-node', 'node'] },
  'src/calibration': {
    parts: ['src/shared'],
    packages: ['fast-png', 'jpeg-js', 'fflate', 'onnx-buf', '@bufbuild/protobuf'],
  },
  'src/analysis': {
    parts: ['src/shared', 'src/onnx', 'src/quant', 'src/kernel', 'src/runtime', 'src/calibration'],
    packages: [
      ...['node', 'onnxruntime-node (types)', 'onnxsim', 'picomatch'],
      ...['onnx-buf', '@bufbuild/protobuf'],
    ],
  },
  'src/worker': { parts: ['src/shared', 'src/analysis', 'src/kernel'], packages: ['node'] },
  'src/client': { parts: ['src/shared'], packages: ['node'] },
  'src/cli': { parts: ['src/shared', 'src/client', 'src/cli'], packages: ['node'] },
  'src/host': { parts: ['src/shared', 'src/client'], packages: ['node', 'vscode', 'jsonc-parser'] },
  webview: {
    parts: ['src/shared'],
    packages: ['lit', 'uplot', 'd3-delaunay', '@tanstack/virtual-core', '@vscode/webview-ui-toolkit'],
  },
};
const ENTRIES: Record<string, string> = { 'src/extension.ts': 'src/host', 'src/cli.ts': 'src/cli' };

interface Import {
  readonly file: string;
  readonly from: string;
  readonly typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !file.startsWith('src/kernel/assembly/'));
}

function imports(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const pattern = /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/g;
  return [...text.matchAll(pattern)].map(([, type, from]) => ({
    file,
    from: from!,
    typeOnly: type !== undefined,
  }));
}

function partOf(file: string): string {
  return ENTRIES[file] ?? Object.keys(RULES).find((part) => file.startsWith(`${part}/`)) ?? 'unknown';
}

function verdict({ file, from, typeOnly }: Import): string | null {
  const part = partOf(file);
  const rule = RULES[part];
  if (!rule) return `${file} belongs to no part`;
  const allowed = (list: string[], name: string) =>
    list.includes(name) || (typeOnly && list.includes(`${name} (types)`));
  if (from.startsWith('.')) {
    const target = join(dirname(file), from).split(sep).join('/');
    const other = partOf(`${target}.ts`);
    return other === part || allowed(rule.parts, other) ? null : `${file} imports ${target}`;
  }
  const name = from.startsWith('@') ? from.split('/').slice(0, 2).join('/') : from.split('/')[0]!;
  const kind = from.startsWith('node:') || builtinModules.includes(name) ? 'node' : name;
  return allowed(rule.packages, kind) ? null : `${file} imports ${from}`;
}

describe('who may import whom', () => {
  const files = [...sources('src'), ...sources('webview')];

  it('sees the whole tree', () => {
    expect(files.length).toBeGreaterThan(60);
    expect(files.flatMap(imports).length).toBeGreaterThan(150);
  });

  it('is kept', () => {
    // src/extension.ts stands above host, which it registers.
    expect(
      files
        .flatMap(imports)
        .map(verdict)
        .filter((line) => line !== null),
    ).toEqual([]);
  });

  it('lets one file alone import the UI toolkit', () => {
    const users = files.filter((file) =>
      imports(file).some(({ from }) => from.startsWith('@vscode/webview-ui-toolkit')),
    );
    expect(users).toEqual(['webview/toolkit.ts']);
  });

  it('finds a forbidden import', () => {
    expect(verdict({ file: 'src/shared/format.ts', from: 'vscode', typeOnly: true })).not.toBeNull();
    expect(
      verdict({ file: 'src/host/settings.ts', from: '../analysis/engine', typeOnly: false }),
    ).not.toBeNull();
    expect(verdict({ file: 'src/onnx/a.ts', from: 'node:fs', typeOnly: false })).not.toBeNull();
    expect(verdict({ file: 'src/onnx/a.ts', from: '../quant/encode', typeOnly: false })).not.toBeNull();
  });
});
