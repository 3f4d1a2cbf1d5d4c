import { OnnxGraph, type Value } from './onnx-graph.ts'
import { DIMENSIONS } from './protocol.ts'
import type { Tensor, TensorFile } from './safetensors.ts'

/** all-MiniLM-L6-v2: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 */
const HEADS = 12
const LAYERS = 6
const EPSILON = 1e-12
/**
 * Weights are whole numbers up to this, one scale a column. 63 and not 127: processors without VNNI add two products
 * of an unsigned and a signed byte in 16 bits, and larger ones would overflow.
 */
const LARGEST_WEIGHT = 63

/**
 * all-MiniLM as an ONNX model with 8-bit weights, a quarter of the size and twice as fast. In: `ids` [1, tokens]. Out: `vectors` [1, 384], the mean
 * over the tokens, of length 1. One text at a time: several in one run are not faster, and would need padding and a mask, which are slower.
 */
export async function buildMiniLm(weights: TensorFile): Promise<Uint8Array> {
	const graph = new OnnxGraph()
	const ids = graph.input('ids', [1, 'tokens'])
	let state = await embeddings(graph, weights, ids)
	for (let layer = 0; layer < LAYERS; layer++) {
		const name = `encoder.layer.${layer}`
		const attended = await attention(graph, weights, `${name}.attention`, state)
		state = await addAndNormalise(graph, weights, `${name}.attention.output`, attended, state)
		const inner = graph.addRuntime('BiasGelu', [
			await linear(graph, weights, [`${name}.intermediate.dense`], state, { withBias: false }),
			await vector(graph, weights, `${name}.intermediate.dense.bias`),
		])
		state = await addAndNormalise(graph, weights, `${name}.output`, inner, state)
	}
	graph.output('vectors', meanOfLengthOne(graph, state), [1, DIMENSIONS])
	return graph.encode('all-MiniLM-L6-v2')
}

async function embeddings(graph: OnnxGraph, weights: TensorFile, ids: Value): Promise<Value> {
	const { data, shape } = await weights.read('embeddings.word_embeddings.weight')
	const [rows = 0, columns = 0] = shape
	const { quantised, scales } = quantiseRows({ data, shape }, 127)
	const scale = graph.add('Gather', [graph.constant(scales, [rows, 1]), ids])
	const words = graph.add('Mul', [
		graph.add('Cast', [graph.add('Gather', [graph.constant(quantised, [rows, columns]), ids])], { to: 1 }),
		scale,
	])
	const positions = await weights.read('embeddings.position_embeddings.weight')
	const types = await weights.read('embeddings.token_type_embeddings.weight')
	const placed = positions.data.map((value, at) => value + (types.data[at % DIMENSIONS] ?? 0)) // every token is of the first type
	const tokens = graph.add('Gather', [graph.add('Shape', [ids]), graph.constant(BigInt64Array.of(1n))])
	const places = graph.add('Slice', [
		graph.constant(placed, positions.shape),
		graph.constant(BigInt64Array.of(0n)),
		tokens,
		graph.constant(BigInt64Array.of(0n)),
	])
	return normalise(graph, weights, 'embeddings.LayerNorm', graph.add('Add', [words, places]))
}

async function attention(graph: OnnxGraph, weights: TensorFile, name: string, state: Value): Promise<Value> {
	const parts = ['query', 'key', 'value'].map((part) => `${name}.self.${part}`)
	const joined = await linear(graph, weights, parts, state, { withBias: true })
	const [query = '', key = '', value = ''] = graph.addMany('Split', [joined], 3, { axis: -1 })
	return graph.addRuntime('MultiHeadAttention', [query, key, value], { num_heads: HEADS })
}

async function addAndNormalise(graph: OnnxGraph, weights: TensorFile, name: string, input: Value, skip: Value): Promise<Value> {
	const projected = await linear(graph, weights, [`${name}.dense`], input, { withBias: true })
	return normalise(graph, weights, `${name}.LayerNorm`, graph.add('Add', [projected, skip])) // fused into one operator it is slower
}

async function normalise(graph: OnnxGraph, weights: TensorFile, name: string, input: Value): Promise<Value> {
	const [gamma, beta] = [await vector(graph, weights, `${name}.weight`), await vector(graph, weights, `${name}.bias`)]
	return graph.add('LayerNormalization', [input, gamma, beta], { axis: -1, epsilon: EPSILON })
}

/** Several linear maps of one input, their outputs side by side. */
async function linear(
	graph: OnnxGraph,
	weights: TensorFile,
	names: string[],
	input: Value,
	{ withBias }: { withBias: boolean },
): Promise<Value> {
	const maps = await Promise.all(names.map((name) => weights.read(`${name}.weight`)))
	const columns = maps[0]?.shape[1] ?? 0
	const rows = maps.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0)
	const data = joined(maps.map((map) => map.data))
	const { quantised, scales } = quantiseRows({ data, shape: [rows, columns] }, LARGEST_WEIGHT)
	const inputs = [input, graph.constant(transposed(quantised, rows, columns), [columns, rows]), graph.constant(scales), '']
	if (withBias) inputs.push(graph.constant(joined(await Promise.all(names.map(async (name) => (await weights.read(`${name}.bias`)).data)))))
	return graph.addRuntime('DynamicQuantizeMatMul', inputs)
}

async function vector(graph: OnnxGraph, weights: TensorFile, name: string): Promise<Value> {
	return graph.constant((await weights.read(name)).data)
}

/** The sum has the mean's direction. */
function meanOfLengthOne(graph: OnnxGraph, state: Value): Value {
	const sum = graph.add('ReduceSum', [state, graph.constant(BigInt64Array.of(1n))], { keepdims: 0 })
	return graph.add('LpNormalization', [sum], { axis: -1, p: 2 })
}

function quantiseRows({ data, shape: [rows = 0, columns = 0] }: Tensor, largest: number): { quantised: Int8Array; scales: Float32Array } {
	const quantised = new Int8Array(data.length)
	const scales = new Float32Array(rows)
	for (let row = 0; row < rows; row++) {
		const [from, to] = [row * columns, (row + 1) * columns]
		let most = 0
		for (let at = from; at < to; at++) most = Math.max(most, Math.abs(data[at] ?? 0))
		const scale = most / largest || 1
		scales[row] = scale
		for (let at = from; at < to; at++) quantised[at] = Math.round((data[at] ?? 0) / scale)
	}
	return { quantised, scales }
}

function transposed(values: Int8Array, rows: number, columns: number): Int8Array {
	const result = new Int8Array(values.length)
	for (let row = 0; row < rows; row++)
		for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column] ?? 0
	return result
}

function joined(parts: Float32Array[]): Float32Array {
	const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
	let at = 0
	for (const part of parts) {
		whole.set(part, at)
		at += part.length
	}
	return whole
}
