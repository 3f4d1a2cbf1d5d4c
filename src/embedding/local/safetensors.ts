import { open } from 'node:fs/promises'
import { z } from 'zod'

const Header = z.record(
	z.string(),
	z.object({ dtype: z.string(), shape: z.array(z.number()), data_offsets: z.tuple([z.number(), z.number()]) }),
)

export interface Tensor {
	data: Float32Array
	shape: number[]
}

export interface TensorFile extends AsyncDisposable {
	/** Reads one tensor; so the file is never in memory as a whole. */
	read(name: string): Promise<Tensor>
}

/** Opens a file of 16-bit floats in the format of https://github.com/huggingface/safetensors */
export async function openTensors(path: string): Promise<TensorFile> {
	const file = await open(path)
	const readBytes = async (length: number, position: number) => {
		const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
		if (bytesRead < length) throw new Error(`${path} is cut off`)
		return buffer
	}
	const headerLength = Number((await readBytes(8, 0)).readBigUInt64LE())
	const { __metadata__, ...tensors } = JSON.parse((await readBytes(headerLength, 8)).toString())
	const header = Header.parse(tensors)
	return {
		async read(name) {
			const tensor = header[name]
			if (tensor?.dtype !== 'F16') throw new Error(`${path} has no 16-bit tensor ${name}`)
			const [from, to] = tensor.data_offsets
			const bytes = await readBytes(to - from, 8 + headerLength + from)
			return { data: floats(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)), shape: tensor.shape }
		},
		[Symbol.asyncDispose]: () => file.close(),
	}
}

function floats(halves: Uint16Array): Float32Array {
	const values = new Float32Array(halves.length)
	for (let at = 0; at < halves.length; at++) values[at] = VALUES[halves[at] ?? 0] ?? 0
	return values
}

/** The values of all halves (IEEE 754 binary16). */
const VALUES = Float32Array.from({ length: 2 ** 16 }, (_, half) => {
	const exponent = (half >> 10) & 31
	const fraction = half & 1023
	const sign = half >> 15 ? -1 : 1
	if (exponent === 0) return sign * fraction * 2 ** -24
	if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
})
