import type { FunctionProto } from 'onnx-buf';
import type { ParsedModel } from '../file/parseModel';

/** Tells one function of a model from another (onnx.proto, FunctionProto). */
export function functionKey({
  domain,
  name,
  overload,
}: Pick<FunctionProto, 'domain' | 'name' | 'overload'>): string {
  return [domain === 'ai.onnx' ? '' : domain, name, overload].join('\0');
}

/**
 * The functions whose nodes compute the same where they are called: every operator set that they name has the model's version, or the
 * model has none of it.
 */
export function inlinableFunctions({ functions, opsetImport }: ParsedModel): Set<FunctionProto> {
  const plain = (domain: string) => (domain === 'ai.onnx' ? '' : domain);
  const versions = new Map(opsetImport.map(({ domain, version }) => [plain(domain), version]));
  const found = new Set<FunctionProto>();
  for (const body of functions) {
    const fits = body.opsetImport.every(({ domain, version }) => {
      const own = versions.get(plain(domain));
      return own === undefined || own === version;
    });
    if (!fits) continue;
    found.add(body);
    // The imports of one function must agree with those of the next.
    for (const { domain, version } of body.opsetImport) versions.set(plain(domain), version);
  }
  return found;
}
