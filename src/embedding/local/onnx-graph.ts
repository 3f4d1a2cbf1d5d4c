import onnxProto, { type onnx } from 'onnx-proto'

const { AttributeProto, ModelProto, Version } = onnxProto.onnx

/** ONNX's numbers for the types of elements. */
const FLOAT = 1
const INT8 = 3
const INT64 = 7

/** Of the standard operators, and of ONNX Runtime's own (domain com.microsoft). */
const OPSET = 17
const RUNTIME = 'com.microsoft'

/** The name of a value in the graph. */
export type Value = string

type Attributes = Record<string, number | number[]>

/** Writes an ONNX model operator by operator. */
export class OnnxGraph {
	#nodes: onnx.INodeProto[] = []
	#constants: onnx.ITensorProto[] = []
	#inputs: onnx.IValueInfoProto[] = []
	#outputs: onnx.IValueInfoProto[] = []
	#values = 0

	/** A standard operator. */
	add(operator: string, inputs: Value[], attributes: Attributes = {}): Value {
		return this.addMany(operator, inputs, 1, attributes)[0] ?? ''
	}

	addMany(operator: string, inputs: Value[], outputs: number, attributes: Attributes = {}, domain = ''): Value[] {
		const output = Array.from({ length: outputs }, () => this.#name())
		this.#nodes.push({
			opType: operator,
			domain,
			name: output[0] ?? '',
			input: inputs,
			output,
			attribute: Object.entries(attributes).map(attribute),
		})
		return output
	}

	/** An operator of ONNX Runtime: https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md */
	addRuntime(operator: string, inputs: Value[], attributes: Attributes = {}): Value {
		return this.addMany(operator, inputs, 1, attributes, RUNTIME)[0] ?? ''
	}

	constant(data: Float32Array | Int8Array | BigInt64Array, dims: number[] = [data.length]): Value {
		const name = this.#name()
		const dataType = data instanceof Float32Array ? FLOAT : data instanceof Int8Array ? INT8 : INT64
		this.#constants.push({ name, dims, dataType, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) })
		return name
	}

	/** Of whole numbers. */
	input(name: string, dims: (string | number)[]): Value {
		this.#inputs.push(valueInfo(name, INT64, dims))
		return name
	}

	output(name: string, value: Value, dims: (string | number)[]): void {
		this.#nodes.push({ opType: 'Identity', name, input: [value], output: [name] })
		this.#outputs.push(valueInfo(name, FLOAT, dims))
	}

	encode(name: string): Uint8Array {
		const opsetImport = [
			{ domain: '', version: OPSET },
			{ domain: RUNTIME, version: 1 },
		]
		const graph = { name, node: this.#nodes, initializer: this.#constants, input: this.#inputs, output: this.#outputs }
		return ModelProto.encode({ irVersion: Version.IR_VERSION, opsetImport, graph }).finish()
	}

	#name(): Value {
		return `v${this.#values++}`
	}
}

function attribute([name, value]: [string, number | number[]]): onnx.IAttributeProto {
	const { INTS, INT, FLOAT } = AttributeProto.AttributeType
	if (Array.isArray(value)) return { name, type: INTS, ints: value }
	return Number.isInteger(value) ? { name, type: INT, i: value } : { name, type: FLOAT, f: value }
}

function valueInfo(name: string, elemType: number, dims: (string | number)[]): onnx.IValueInfoProto {
	const dim = dims.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }))
	return { name, type: { tensorType: { elemType, shape: { dim } } } }
}
