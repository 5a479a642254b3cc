/** Who may import whom. `npm test` checks it; CONTRIBUTING.md draws it. */

/** Rooms of the pure code and of the engine, from the ground up: each imports only from itself and from what stands before it. */
const FLOORS = [
  'src/base',
  'src/core',
  'src/protocol',
  'src/kernel',
  'src/quant',
  'src/onnx/file',
  'src/onnx/graph',
  'src/onnx/read',
  'src/onnx/equalize',
  'src/onnx/write',
  'src/onnx/qdq',
  'src/onnx/subgraph',
  'src/files',
  'src/engine/io',
  'src/engine/runtime',
  'src/engine/weights',
  'src/engine/threads',
  'src/engine/formats',
  'src/engine/models',
  'src/engine/data',
  'src/engine/compare',
  'src/engine/activations',
  'src/engine/moments',
  'src/engine/recovery',
  'src/engine/export',
  'src/engine/sensitivity',
  'src/engine/jobs',
  'src/worker',
];

/** Rooms that see the engine from another process, and what they may import beside themselves. */
const OTHER_PROCESSES = {
  'src/client': ['src/base', 'src/core', 'src/protocol', 'src/files'],
  'src/cli': ['src/base', 'src/core', 'src/protocol', 'src/files', 'src/client'],
  'src/host': ['src/base', 'src/core', 'src/protocol', 'src/files', 'src/client'],
  webview: ['src/base', 'src/core', 'src/protocol'],
};

/** The npm packages that a room may import; `node` stands for Node's own modules. Rooms that are not named may import none. */
const PACKAGES = {
  'src/onnx': ['onnx-buf', '@bufbuild/protobuf'],
  'src/engine': ['node', 'onnx-buf', '@bufbuild/protobuf'],
  'src/engine/data': ['node', 'onnx-buf', '@bufbuild/protobuf', 'fast-png', 'jpeg-js', 'fflate'],
  'src/engine/runtime': ['node', 'onnxruntime-node', 'onnxsim'],
  'src/base': ['node:timers/promises'],
  'src/core/recipe': ['typebox', 'jsonc-parser'],
  'src/files': ['node'],
  'src/worker': ['node'],
  'src/client': ['node'],
  'src/cli': ['node'],
  'src/host': ['node', 'vscode', '@types/vscode', 'jsonc-parser'],
  webview: [
    'lit',
    'uplot',
    'd3-delaunay',
    'd3-scale',
    '@tanstack/virtual-core',
    '@vscode/webview-ui-toolkit',
  ],
};

const folder = (/** @type {string} */ path) => `^${path}/`;
const escaped = (/** @type {string} */ name) => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const upward = FLOORS.slice(0, -1).map((room, floor) => ({
  name: `nothing above ${room}`,
  severity: 'error',
  from: { path: folder(room) },
  to: { path: [...FLOORS.slice(floor + 1), ...Object.keys(OTHER_PROCESSES)].map(folder) },
}));

const acrossProcesses = Object.entries(OTHER_PROCESSES).map(([room, allowed]) => ({
  name: `the engine only through its protocol: ${room}`,
  severity: 'error',
  from: { path: folder(room) },
  to: { path: ['^src/', '^webview/'], pathNot: [room, ...allowed].map(folder) },
}));

/** The most specific of the rooms in PACKAGES decides. */
const packages = Object.entries(PACKAGES).map(([room, allowed]) => {
  const inner = Object.keys(PACKAGES).filter((other) => other.startsWith(`${room}/`));
  return {
    name: `packages of ${room}`,
    severity: 'error',
    from: { path: folder(room), pathNot: inner.map(folder) },
    to: {
      dependencyTypesNot: ['local', 'type-only', ...(allowed.includes('node') ? ['core'] : [])],
      pathNot: allowed.flatMap((name) => [
        `(^|node_modules/)${escaped(name)}(/|$)`,
        `^${escaped(name.replace('node:', ''))}$`,
      ]),
    },
  };
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...upward,
    ...acrossProcesses,
    ...packages,
    { name: 'no circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'every file has a room',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [...FLOORS, ...Object.keys(OTHER_PROCESSES)]
          .map(folder)
          .concat('^src/(extension|cli)\\.ts$'),
      },
      to: {},
    },
    {
      name: 'no packages in pure code',
      severity: 'error',
      from: {
        path: ['^src/core/', '^src/protocol/', '^src/kernel/', '^src/quant/'],
        pathNot: '^src/core/recipe/',
      },
      to: { dependencyTypesNot: ['local', 'type-only'] },
    },
    {
      name: 'vscode in the host alone',
      severity: 'error',
      from: { pathNot: ['^src/host/', '^src/extension\\.ts$'] },
      to: { path: '(^|/)vscode(/|$)' },
    },
    {
      name: 'one door to the UI toolkit',
      severity: 'error',
      from: { pathNot: '^webview/components/toolkit\\.ts$' },
      to: { path: 'webview-ui-toolkit' },
    },
  ],
  options: {
    exclude: '^src/kernel/(assembly|build)',
    doNotFollow: 'node_modules',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
