import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { packagesOf, thirdPartyNotices } from '../../lane/notices.mjs';

describe('third-party notices', () => {
  it('know the packages of a bundle', async () => {
    const { metafile } = await build({
      entryPoints: ['webview/components/toolkit.ts'],
      bundle: true,
      write: false,
      metafile: true,
    });
    const packages = packagesOf(metafile);
    expect(packages).toEqual(
      expect.arrayContaining(['@vscode/webview-ui-toolkit', '@microsoft/fast-element']),
    );
    expect(packages).not.toContain('vitest');
  });

  it('have name, version and text of each, and of the native library', () => {
    const text = thirdPartyNotices(['lit', 'onnx-buf', '@bufbuild/protobuf', 'onnxsim']);
    const { version } = JSON.parse(readFileSync('node_modules/lit/package.json', 'utf8')) as {
      version: string;
    };
    expect(text).toContain(`lit ${version} (BSD-3-Clause)`);
    for (const part of [
      'Copyright (c) Eric Zhang\n\nPermission is hereby granted',
      'Copyright 2008 Google Inc.',
      'TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION',
      'onnxruntime-node 1.',
      'Copyright (c) Microsoft Corporation\n\nPermission is hereby granted',
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('undefined');
  });

  it('are refused for a package without a text', () => {
    expect(() => thirdPartyNotices(['@types/node', 'spdx-license-ids'])).toThrow('no text of its licence');
  });
});
