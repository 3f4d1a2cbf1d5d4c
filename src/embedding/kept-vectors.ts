import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import type pg from 'pg'
import type { Embedder } from './embedder.ts'

/** Of all remote embedders together; 200 MB of vectors with 1,024 numbers. The oldest go first. */
const MAX_KEPT = 50_000
/** The key of each is used once, so its nonce may be the same. */
const NONCE = Buffer.alloc(12)
const CIPHER = 'aes-256-gcm'
const TAG_BYTES = 16

interface Dependencies {
	pool: pg.Pool
	/** Hears of vectors that could not be read or kept: they are made, and paid for, again. */
	report(problem: string): void
	/** Default {@link MAX_KEPT}. */
	maxKept?: number
}

/**
 * The same embedder; a passage that it has embedded before is not embedded again, in whatever document or process. What is kept outlives the
 * document for a while, but only who has the text can find it and open it.
 */
export function keepingVectors(embedder: Embedder, { pool, report, maxKept = MAX_KEPT }: Dependencies): Embedder {
	async function read(places: readonly Place[]): Promise<Map<string, Float32Array>> {
		const hashes = places.map(({ hash }) => hash)
		const { rows } = await pool.query<{ hash: Buffer; sealed: Buffer }>(READ_SQL, [hashes])
		const sealed = new Map(rows.map((row) => [row.hash.toString('hex'), row.sealed]))
		return new Map(
			places.flatMap((place) => {
				const vector = open(sealed.get(place.name), place)
				return vector ? [[place.name, vector]] : []
			}),
		)
	}

	async function keep(places: readonly Place[], vectors: readonly Float32Array[]): Promise<void> {
		const sealed = places.map((place, at) => seal(vectors[at] ?? new Float32Array(), place))
		await pool.query(KEEP_SQL, [places.map(({ hash }) => hash), sealed])
		await pool.query(FORGET_SQL, [maxKept])
	}

	const failed = (error: unknown): void => report(`vectors that were made before cannot be used: ${String(error)}`)

	return {
		...embedder,
		async embed(texts, kind, signal) {
			if (kind !== 'passage' || texts.length === 0) return embedder.embed(texts, kind, signal)
			const places = texts.map((text) => placeOf(embedder.id, text))
			const all = [...new Map(places.map((place, at) => [place.name, { place, text: texts[at] ?? '' }])).values()]
			const kept = await read(all.map(({ place }) => place)).catch((error: unknown) => {
				failed(error)
				return new Map<string, Float32Array>()
			})
			const make = async (asked: typeof all): Promise<void> => {
				if (asked.length === 0) return
				const made = await embedder.embed(
					asked.map(({ text }) => text),
					kind,
					signal,
				)
				const [known] = kept.values()
				for (const [at, { place }] of asked.entries()) kept.set(place.name, made[at] ?? new Float32Array())
				// the model is not the one that it was
				if (known && known.length !== made[0]?.length && asked.length < all.length) return make(all)
				const askedPlaces = asked.map(({ place }) => place)
				await keep(askedPlaces, made).catch(failed)
			}
			await make(all.filter(({ place }) => !kept.has(place.name)))
			return places.map(({ name }) => kept.get(name) ?? new Float32Array())
		},
	}
}

/** Where the vector of a text is kept, and what opens it: the halves of one SHA-512, of which neither tells the other. */
interface Place {
	hash: Buffer
	key: Buffer
	/** The hash in hexadecimal. */
	name: string
}

function placeOf(embedder: string, text: string): Place {
	const digest = createHash('sha512').update(`${embedder}\0${text}`).digest()
	const hash = digest.subarray(0, 32)
	return { hash, key: digest.subarray(32), name: hash.toString('hex') }
}

function seal(vector: Float32Array, { key }: Place): Buffer {
	const cipher = createCipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES })
	const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
	return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

/** Null for what is not there, or damaged. */
function open(sealed: Buffer | undefined, { key }: Place): Float32Array | null {
	if (!sealed || sealed.length <= TAG_BYTES) return null
	const decipher = createDecipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES }).setAuthTag(sealed.subarray(-TAG_BYTES))
	const bytes = decipher.update(sealed.subarray(0, -TAG_BYTES))
	try {
		decipher.final()
	} catch {
		return null // all that `final` can find wrong is the tag
	}
	return new Float32Array(Uint8Array.from(bytes).buffer)
}

const READ_SQL = 'SELECT hash, sealed FROM "KeptVector" WHERE hash = ANY ($1::bytea[])'
/** In one order, so that two who keep the same do not wait for each other. */
const KEEP_SQL = `INSERT INTO "KeptVector" (hash, sealed) SELECT hash, sealed FROM unnest($1::bytea[], $2::bytea[]) AS new (hash, sealed) ORDER BY hash
	ON CONFLICT (hash) DO UPDATE SET sealed = EXCLUDED.sealed`
const FORGET_SQL = 'DELETE FROM "KeptVector" WHERE id <= (SELECT max(id) FROM "KeptVector") - $1::int'
