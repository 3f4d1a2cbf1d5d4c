import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import Negotiator from 'negotiator'
import { remembered } from './remembered.ts'

/** Smaller answers are sent as they are: they fit into a packet or two. */
export const MIN_ENCODED_BYTES = 1024

export type Encoding = 'br' | 'gzip'

/** What a client prefers that takes anything but plain bytes; of equals the smaller. Undefined: plain bytes. */
export const encodingFor = (acceptEncoding: string | null): Encoding | undefined =>
	acceptEncoding ? preferred(acceptEncoding).encoding : undefined

const preferred = remembered((acceptEncoding): { encoding: Encoding | undefined } => {
	const negotiator: EncodingNegotiator = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } })
	const encoding = negotiator.encoding(['br', 'gzip', 'identity'], { preferred: ['br', 'gzip'] })
	return { encoding: encoding === 'br' || encoding === 'gzip' ? encoding : undefined }
})

/** `preferred`, which the types lack, are taken first where the client likes several alike. */
interface EncodingNegotiator {
	encoding(available: readonly string[], options: { preferred: readonly string[] }): string | undefined
}

const brotli = promisify(brotliCompress)
const gzipped = promisify(gzip)
/** Of answers that are made anew each time. */
const QUICK = { br: 2, gzip: 4 }
/** Of what is compressed once. */
const THOROUGH = { br: 5, gzip: 6 }

export function encoded(bytes: Uint8Array, encoding: Encoding, { isKept = false } = {}): Promise<Uint8Array<ArrayBuffer>> {
	const level = (isKept ? THOROUGH : QUICK)[encoding]
	if (encoding === 'gzip') return gzipped(bytes, { level })
	const params = { [constants.BROTLI_PARAM_QUALITY]: level, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
	return brotli(bytes, { params })
}
