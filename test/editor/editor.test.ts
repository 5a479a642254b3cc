import { strict as assert } from 'node:assert';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { commands, languages, Uri, window, workspace } from 'vscode';
import { schemeOf, withScheme } from '../../src/core/recipe/recipe';
import { activeCustomEditor, CLS, copyOf, isDirty, open, openAnalysed, until, VAD } from './models';

const recipeOf = (model: Uri) => `${model.fsPath}.quant.json`;
const save = () => commands.executeCommand('workbench.action.files.save');

describe('editor', () => {
  afterEach(async () => {
    // Unsaved choices would be asked about.
    await commands.executeCommand('workbench.action.files.revert');
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('opens models by default and finds their layers', async () => {
    const uri = copyOf(CLS);
    await commands.executeCommand('vscode.open', uri);
    const { session } = await openAnalysed(uri);
    assert.equal(activeCustomEditor(), 'quantscope.editor');
    assert.equal(session.inspection!.layers.length, 54);
    assert.equal(session.measurements.at('weights').size, 54);
    assert.equal(isDirty(), false);
  });

  it('looks into a layer', async () => {
    const { session } = await openAnalysed(copyOf(VAD));
    const layer = session.inspection!.layers[0]!;
    const view = await session.layerView({
      layer: layer.name,
      scheme: 'int4',
      channel: 3,
      bins: 64,
      mapRows: 32,
      mapColumns: 32,
    });
    assert(view.histogram.counts instanceof Uint32Array);
    assert.equal(
      view.histogram.counts.reduce((sum, count) => sum + count, 0),
      layer.parameters / layer.channels,
    );
    assert.equal(view.levels.length, 16);
    assert.equal(view.channelSqnrDb.length, layer.channels);
  });

  it('undoes, redoes, saves and reverts choices', async () => {
    const uri = copyOf(CLS);
    const { document } = await open(uri);
    document.edit('int4 for two', withScheme(document.recipe, ['p2o.Conv.0', 'p2o.Conv.1'], 'int4'));
    await until(isDirty, 'the editor is dirty');
    await commands.executeCommand('undo');
    await until(() => schemeOf(document.recipe, 'p2o.Conv.0') === 'int8', 'the choice is undone');
    await until(() => !isDirty(), 'the editor is clean again');
    await commands.executeCommand('redo');
    await until(() => schemeOf(document.recipe, 'p2o.Conv.1') === 'int4', 'the choice is made again');
    await save();
    await until(() => !isDirty() && existsSync(recipeOf(uri)), 'the recipe is saved');
    assert.deepEqual(JSON.parse(readFileSync(recipeOf(uri), 'utf8')), {
      version: 1,
      default: 'int8',
      layers: { 'p2o.Conv.0': 'int4', 'p2o.Conv.1': 'int4' },
    });
    document.edit('all binary', { ...document.recipe, default: 'binary' });
    await until(isDirty, 'the editor is dirty');
    await commands.executeCommand('workbench.action.files.revert');
    await until(() => document.recipe.default === 'int8', 'the recipe is what was saved');
    assert.equal(schemeOf(document.recipe, 'p2o.Conv.0'), 'int4');
  });

  it('keeps unsaved choices for the next start', async () => {
    const { document } = await open(copyOf(CLS));
    document.edit('log4', { ...document.recipe, default: 'log4' });
    const backup = Uri.file(`${document.uri.fsPath}.backup`);
    await document.backup(backup);
    assert.equal((JSON.parse(readFileSync(backup.fsPath, 'utf8')) as { default: string }).default, 'log4');
  });

  it('follows edits of the saved recipe, and asks where there are unsaved choices', async () => {
    const uri = copyOf(CLS);
    const { document } = await open(uri);
    writeFileSync(recipeOf(uri), '{ "version": 1, "default": "uint8" }');
    await until(() => document.recipe.default === 'uint8', 'the edit arrives');
    document.edit('int4', { ...document.recipe, default: 'int4' });
    writeFileSync(recipeOf(uri), '{ "version": 1, "default": "binary" }');
    await until(() => document.conflicting, 'the conflict is noticed');
    assert.equal(document.recipe.default, 'int4');
    await document.keepChoices();
    await save();
    await until(() => readFileSync(recipeOf(uri), 'utf8').includes('int4'), 'the choices are saved');
  });

  it('opens beside a broken recipe, says what is wrong and leaves the file alone', async () => {
    for (const [text, problem] of [
      ['{ "version": 1, "default": ', /not valid JSON: line 1/],
      ['{ "version": 1, "default": "int9" }', /"int9" is not a scheme/],
      ['[]', /A recipe is a JSON object/],
    ] as const) {
      const uri = copyOf(CLS);
      writeFileSync(recipeOf(uri), text);
      const { document, session } = await open(uri);
      assert.match(document.problem!, problem);
      assert.equal(session.failure, null);
      assert.equal(readFileSync(recipeOf(uri), 'utf8'), text);
    }
  });

  it('marks unknown layers and schemes in a recipe that is open as text', async () => {
    const uri = copyOf(CLS);
    writeFileSync(
      recipeOf(uri),
      '{\n  "version": 1,\n  "default": "int8",\n  "layers": {\n    "nonsense": "int4"\n  }\n}\n',
    );
    const recipe = Uri.file(recipeOf(uri));
    await window.showTextDocument(recipe);
    const ours = () => languages.getDiagnostics(recipe).filter(({ source }) => source === 'Quantscope');
    await until(() => ours().length === 1, 'there is a diagnostic');
    assert.equal(ours()[0]!.message, 'The model has no layer "nonsense".');
    assert.equal(ours()[0]!.range.start.line, 4);
  });

  it('lets recipes have comments, checks them against the schema, and keeps the comments when it saves', async () => {
    const uri = copyOf(CLS);
    const text = '// mine\n{\n  "version": 1,\n  "default": "int9", // too many\n}\n';
    writeFileSync(recipeOf(uri), text);
    const recipe = Uri.file(recipeOf(uri));
    // A language of its own, so that no other JSON file starts the extension.
    const shown = await window.showTextDocument(recipe);
    assert.equal(shown.document.languageId, 'quantscope-recipe');
    const found = () => languages.getDiagnostics(recipe).filter(({ source }) => source !== 'Quantscope');
    await until(() => found().length > 0, 'the schema is applied');
    assert.deepEqual(
      found().map(({ message, range }) => [message, range.start.line]),
      [['This is not a scheme; write one as int8, int4/block32 or uint4/channel/mse.', 3]],
    );
    await commands.executeCommand('workbench.action.closeAllEditors');
    writeFileSync(recipeOf(uri), text.replace('int9', 'int4'));
    const { document } = await open(uri);
    document.edit('int8', { ...document.recipe, default: 'int8' });
    await save();
    await until(() => readFileSync(recipeOf(uri), 'utf8').includes('int8'), 'the choice is saved');
    assert.equal(readFileSync(recipeOf(uri), 'utf8'), text.replace('int9', 'int8'));
  });

  it('exports a model that is smaller and runs', async () => {
    const uri = copyOf(VAD);
    const { document, session } = await openAnalysed(uri);
    const before = readFileSync(uri.fsPath);
    const output = Uri.file(uri.fsPath.replace('.onnx', '.int8.onnx'));
    const report = await session.export(document.recipe, output);
    assert(report.output.bytes < 0.4 * report.source.bytes);
    assert.equal(report.verification!.inputs, 'synthetic');
    assert(report.verification!.outputs.every(({ sqnrDb }) => Number(sqnrDb) > 15));
    assert.deepEqual(readFileSync(uri.fsPath), before);
    const exported = await open(output);
    assert(exported.session.inspection!.layers.every(({ quantized }) => quantized !== null));
  });

  it('never writes over the source', async () => {
    const uri = copyOf(CLS);
    const { document, session } = await open(uri);
    const before = readFileSync(uri.fsPath);
    await assert.rejects(session.export(document.recipe, uri), /source model is never overwritten/);
    assert.deepEqual(readFileSync(uri.fsPath), before);
    assert.match(session.exports.failure!, /never overwritten/);
  });

  it('leaves nothing of a cancelled export', async () => {
    const uri = copyOf(CLS);
    const { document, session } = await open(uri);
    const output = Uri.file(uri.fsPath.replace('.onnx', '.cancelled.onnx'));
    const job = session.export(document.recipe, output);
    await until(() => session.exports.progress !== null, 'the export runs');
    session.exports.cancel();
    await assert.rejects(job, /Cancelled/);
    assert.deepEqual(readdirSync(dirname(uri.fsPath)), [CLS]);
    assert.equal(session.exports.progress, null);
  });

  it('refuses a recipe for another model', async () => {
    const { document, session } = await open(copyOf(CLS));
    const recipe = withScheme(document.recipe, ['layer of another model'], 'int4');
    const output = Uri.file(document.uri.fsPath.replace('.onnx', '.other.onnx'));
    await assert.rejects(session.export(recipe, output), /no layer "layer of another model"/);
  });

  it('says what is wrong with a bad model, and other editors go on', async () => {
    const good = await openAnalysed(copyOf(CLS));
    const whole = readFileSync(good.document.uri.fsPath);
    for (const [name, bytes, sentence] of [
      ['empty.onnx', Buffer.alloc(0), /empty\.onnx is empty/],
      ['text.onnx', Buffer.from('This is no model at all.'), /text\.onnx is/],
      ['cut.onnx', whole.subarray(0, 100_000), /cut\.onnx is/],
    ] as const) {
      const uri = Uri.joinPath(good.document.uri, '..', name);
      writeFileSync(uri.fsPath, bytes);
      const { session } = await open(uri);
      assert.match(session.failure!, sentence);
      assert.equal(session.failure!.split('\n').length, 1);
    }
    assert.equal(good.session.failure, null);
    const view = await good.session.layerView({
      layer: 'p2o.Conv.0',
      scheme: 'binary',
      channel: null,
      bins: 8,
      mapRows: 4,
      mapColumns: 4,
    });
    assert.equal(view.scheme, 'binary');
  });

  it('notices that the model on disk is another now', async () => {
    const uri = copyOf(CLS);
    const { session } = await openAnalysed(uri);
    const other = copyOf(VAD);
    writeFileSync(uri.fsPath, readFileSync(other.fsPath));
    await until(() => session.inspection?.layers.length === 16, 'the new model is read');
    rmSync(uri.fsPath);
    await until(() => session.failure !== null, 'the loss is noticed');
    assert.match(session.failure!, /there is no such file/);
  });

  it('says when an analysis could not be made, and makes it when asked again', async () => {
    const uri = copyOf(CLS);
    const { session } = await openAnalysed(uri);
    const model = readFileSync(uri.fsPath);
    rmSync(uri.fsPath);
    const viewer = {};
    session.showErrors(viewer, { level: 'weights', schemes: ['int5'], repaired: false, others: false });
    await until(() => session.weightFailure !== null, 'the analysis fails');
    assert.match(session.weightFailure!, /there is no such file/);
    writeFileSync(uri.fsPath, model);
    await until(() => session.failure === null, 'the model is there again');
    session.analyse();
    assert.equal(session.weightFailure, null);
    const measured = () =>
      [...session.measurements.at('weights').values()].filter(({ errors }) => errors['int5']).length;
    await until(() => measured() === 54, 'all layers are analysed');
    session.forget(viewer);
  });

  it('keeps a dragged range in the recipe, and measures it on its own layer alone', async () => {
    const uri = copyOf(CLS);
    const { document, session } = await openAnalysed(uri);
    const layer = 'p2o.Conv.1';
    document.edit('clip', withScheme(document.recipe, [layer], 'int8/clip0.7'));
    await until(
      () => session.measurements.at('weights').get(layer)?.errors['int8/clip0.7'] !== undefined,
      'it is measured',
    );
    assert.equal(session.measurements.at('weights').get('p2o.Conv.2')!.errors['int8/clip0.7'], undefined);
    await save();
    await until(() => existsSync(recipeOf(uri)), 'the recipe is saved');
    assert.match(readFileSync(recipeOf(uri), 'utf8'), /"p2o.Conv.1": "int8\/clip0.7"/);
  });

  it('does its work elsewhere: the extension host stays small', async () => {
    const before = process.memoryUsage().rss;
    await openAnalysed(copyOf(CLS));
    await openAnalysed(copyOf(VAD));
    const grown = process.memoryUsage().rss - before;
    console.log(
      `      extension host: ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB, grown by ${(grown / 1e6).toFixed(1)} MB`,
    );
    assert(grown < 60e6, `${grown} bytes`);
  });

  it('registers every command of the manifest', async () => {
    const all = await commands.getCommands(true);
    const { contributes } = (await workspace.fs
      .readFile(Uri.joinPath(Uri.file(__dirname), '../../../package.json'))
      .then((bytes) => JSON.parse(new TextDecoder().decode(bytes)))) as {
      contributes: { commands: { command: string }[] };
    };
    for (const { command } of contributes.commands) assert(all.includes(command), command);
  });
});
