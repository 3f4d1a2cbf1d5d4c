import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { expect } from 'vitest'
import { familyOf, type ServerProcess } from '../support/process.ts'
import type { Session } from '../support/session.ts'
import { shuffled } from './crash-random.ts'
import type { Sample, Supply } from './crash-samples.ts'
import { type DocumentEvent, documentEvents, versionEvents } from './support.ts'

/** What the server has said to have done. */
export interface Ledger {
	acknowledged: Map<number, Sample>
	/** With what they said. */
	deleted: Map<number, Sample>
	/** Whether they were deleted was not heard: the server was killed. */
	doubtful: Map<number, Sample>
	/** New versions of which it was not heard whether they were taken in. */
	perhaps: Map<number, Sample>
	/** SHA-256 of each file of which it was not heard whether it was taken in: a killed server may have kept it, and no row. */
	unheard: Set<string>
	/** What newer versions have taken the place of. */
	replaced: Sample[]
	/** Where a document was when the server was killed, each time. */
	killedIn: string[]
}

export interface Scene {
	directory: string
	server: ServerProcess
	session: Session
	supply: Supply
	ledger: Ledger
	random: () => number
}

const DOCUMENTS = '/workspaces/default-workspace/documents'
const STAGES = ['UPLOADED', 'PARSING', 'CHUNKING', 'EMBEDDING', 'INDEXING', 'PROCESSED', 'FAILED'] satisfies DocumentEvent['status'][]
/** Longest time after the start of three uploads at which the server is killed. */
const UPLOADING_MS = 500
/** And after the start of everything at once. */
const WORKING_MS = 3_000

/** Brings a server to a moment and kills it there. @returns the processes that have to be gone: it, and those that it started. */
export type Moment = (scene: Scene) => Promise<number[]>

/** Kills while a document is in this stage, `isFurther` when part of the stage is done: one of those that are uploaded now, or of those left. */
export const inStage =
	(stage: DocumentEvent['status'], sample: keyof Supply, isFurther = false): Moment =>
	async (scene) => {
		const { session, supply, ledger } = scene
		const known = new Set(ledger.acknowledged.keys())
		const coming = new Set<string>()
		const reached = async () => {
			for await (const { documentId, status, progress } of documentEvents(session)) {
				if (status === stage && (!isFurther || progress.done > 0)) return kill(scene, status)
				if (status === 'FAILED') continue // it was broken
				const isBefore = STAGES.indexOf(status) <= STAGES.indexOf(stage)
				if (isBefore) coming.add(documentId)
				const isNew = ledger.acknowledged.has(Number(documentId)) && !known.has(Number(documentId))
				if (!isBefore && (isNew || coming.has(documentId))) return kill(scene, status) // it was too fast
			}
			throw new Error(`the events ended before ${stage}`)
		}
		const [family] = await Promise.all([reached(), upload(scene, supply[sample]()), upload(scene)])
		return family
	}

/** Kills as soon as an upload is acknowledged. */
export const onceAcknowledged: Moment = async (scene) => {
	await upload(scene)
	return kill(scene, 'acknowledged')
}

/** Kills at a random moment of three uploads at once. */
export const whileUploading: Moment = async (scene) => {
	const uploads = [upload(scene), upload(scene), upload(scene)]
	await new Promise((resolve) => setTimeout(resolve, scene.random() * UPLOADING_MS))
	const family = await kill(scene, 'uploading')
	await Promise.all(uploads)
	return family
}

/** Kills when half of a file has arrived. */
export const halfUploaded: Moment = async (scene) => {
	const { directory, server, session } = scene
	const { hostname, port } = new URL(server.url)
	const socket = connect(Number(port), hostname).on('error', () => undefined) // the server is killed
	await once(socket, 'connect')
	const head = [
		`POST /api${DOCUMENTS} HTTP/1.1`,
		'Host: localhost',
		`Authorization: Bearer ${session.token}`,
		'Content-Type: multipart/form-data; boundary=part',
		'Content-Length: 1000000',
	]
	const part = '--part\r\nContent-Disposition: form-data; name="file"; filename="half.txt"\r\n\r\n'
	socket.write(`${head.join('\r\n')}\r\n\r\n${part}${'half of a file. '.repeat(30_000)}`)
	await expect.poll(() => readdir(path.join(directory, 'tmp')), { timeout: 30_000, interval: 5 }).not.toEqual([])
	const family = await kill(scene, 'half uploaded')
	socket.destroy()
	return family
}

/** Kills as soon as deletes are acknowledged: of the newest document, which is in the middle of something, and of the oldest. */
export const onceDeleted: Moment = async (scene) => {
	const { ledger } = scene
	await upload(scene)
	const ids = [...ledger.acknowledged.keys()]
	for (const id of new Set([Math.max(...ids), Math.min(...ids)])) await remove(scene, id)
	return kill(scene, 'deleted')
}

/** Kills at a random moment while files are uploaded and documents deleted, all at once. */
export const atAnyMoment: Moment = async (scene) => {
	const { ledger, random } = scene
	const victims = shuffled([...ledger.acknowledged.keys()], random).slice(0, 1)
	const work = [upload(scene), upload(scene), ...victims.map((id) => remove(scene, id))]
	await new Promise((resolve) => setTimeout(resolve, random() * WORKING_MS))
	const family = await kill(scene, 'any moment')
	await Promise.all(work)
	return family
}

/** Kills at a random moment while documents get new versions and are processed again. */
export const whileReplacing: Moment = async (scene) => {
	const { ledger, random, session } = scene
	await upload(scene, scene.supply.longEnglish())
	const readable = [...ledger.acknowledged].filter(([id, { isReadable }]) => isReadable && !ledger.perhaps.has(id)).map(([id]) => id)
	const [one, other, again] = shuffled(readable, random)
	const work = [
		replace(scene, one, scene.supply.longChinese()),
		replace(scene, other, scene.supply.longEnglish()),
		again && session.ask('POST', `${DOCUMENTS}/${again}/reprocess`).catch(() => null), // the server is killed
	]
	await new Promise((resolve) => setTimeout(resolve, random() * WORKING_MS))
	const family = await kill(scene, 'replacing')
	await Promise.all(work)
	return family
}

/** Kills while a new version of a document is in this stage, or as soon as it is further. */
export const inStageOfVersion =
	(stage: DocumentEvent['status'], sample: keyof Supply): Moment =>
	async (scene) => {
		const { session, supply, ledger, random } = scene
		await upload(scene, supply.longEnglish())
		const [id] = shuffled(
			[...ledger.acknowledged].filter(([id, { isReadable }]) => isReadable && !ledger.perhaps.has(id)).map(([id]) => id),
			random,
		)
		const reached = async () => {
			for await (const { documentId, status } of versionEvents(session))
				if (Number(documentId) === id && STAGES.indexOf(status) >= STAGES.indexOf(stage)) return kill(scene, `version ${status}`)
			throw new Error(`the events ended before ${stage}`)
		}
		const [family] = await Promise.all([reached(), replace(scene, id, supply[sample]())])
		return family
	}

/** Brings a new version. Whether it was taken in is known when the server says so. */
async function replace({ session, ledger }: Scene, id: number | undefined, sample: Sample): Promise<void> {
	const before = id && ledger.acknowledged.get(id)
	if (!id || !before) return
	const form = new FormData()
	form.set('file', new File([sample.bytes], sample.name))
	ledger.perhaps.set(id, sample)
	ledger.unheard.add(sha256(sample.bytes))
	const reply = await session.ask('PUT', `${DOCUMENTS}/${id}`, form).catch(() => null) // the server is killed
	if (!reply) return
	expect(reply.status, reply.envelope.error ?? '').toBe(200)
	ledger.unheard.delete(sha256(sample.bytes))
	supersede(ledger, id, sample)
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A new version is there, or will be. */
export function supersede({ acknowledged, perhaps, replaced }: Ledger, id: number, sample: Sample): void {
	const before = acknowledged.get(id)
	if (before) replaced.push(before)
	acknowledged.set(id, sample)
	perhaps.delete(id)
}

/** Deletes a document. Whether it is gone is known when the server says so. */
async function remove({ session, ledger }: Scene, id: number): Promise<void> {
	const sample = ledger.acknowledged.get(id)
	if (!sample) return
	ledger.acknowledged.delete(id)
	ledger.doubtful.set(id, sample)
	const reply = await session.ask('DELETE', `${DOCUMENTS}/${id}`).catch(() => null) // the server is killed
	if (!reply) return
	expect(reply.status, reply.envelope.error ?? '').toBe(200)
	ledger.doubtful.delete(id)
	ledger.deleted.set(id, sample)
}

/** Uploads a file, the next unless another is named. Whether it was taken in is known when the server says so. */
async function upload({ session, supply, ledger }: Scene, sample: Sample = supply.next()): Promise<void> {
	ledger.unheard.add(sha256(sample.bytes))
	const reply = await session.upload('default-workspace', sample.name, sample.bytes).catch(() => null) // the server is killed
	if (!reply) return
	expect(reply.status, reply.envelope.error ?? '').toBe(201)
	ledger.unheard.delete(sha256(sample.bytes))
	ledger.acknowledged.set(reply.data.document.id, sample)
}

async function kill({ server, ledger }: Scene, moment: string): Promise<number[]> {
	const family = await familyOf(server.pid)
	process.kill(server.pid, 'SIGKILL')
	ledger.killedIn.push(moment)
	return family
}
