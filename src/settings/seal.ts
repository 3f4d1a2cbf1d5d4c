import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** Keeps secrets so that the database alone does not tell them. */
export interface Seal {
	/** `place` says where the text is kept: what was sealed for one place opens for no other. */
	seal(text: string, place: string): string
	/** Null when it was sealed under another key, for another place, or is no sealed text. */
	open(sealed: string, place: string): string | null
}

const CIPHER = 'aes-256-gcm'
const [IV_BYTES, TAG_BYTES] = [12, 16]
const PREFIX = 'v1.'

/** AES-256-GCM (NIST SP 800-38D) under a key that HKDF-SHA-256 (RFC 5869) makes of the secret. Sealed: `v1.` and iv, text, tag in base64url. */
export function createSeal(secret: string): Seal {
	const key = Buffer.from(hkdfSync('sha256', secret, '', 'anythingllm-api settings', 32))
	return {
		seal(text, place) {
			const iv = randomBytes(IV_BYTES)
			const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(place))
			const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
			return PREFIX + sealed.toString('base64url')
		},
		open(sealed, place) {
			const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url')
			if (!sealed.startsWith(PREFIX) || bytes.length < IV_BYTES + TAG_BYTES) return null
			const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
			decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-TAG_BYTES))
			const text = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES))
			try {
				return Buffer.concat([text, decipher.final()]).toString('utf8')
			} catch {
				return null // all that `final` can find wrong is the tag
			}
		},
	}
}
