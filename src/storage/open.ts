import { openFolder } from './folder.ts'
import type { S3Place } from './s3/place.ts'
import type { Storage } from './storage.ts'

interface Options {
	/** Of temporary files; without `s3` of all. */
	directory: string
	s3: S3Place | undefined
	/** Hears when the storage stops answering, and when it answers again. */
	report(problem: string): void
}

/** Files in S3, or in `<directory>/files`. */
export async function openStorage({ directory, s3, report }: Options): Promise<Storage> {
	if (!s3) return openFolder(directory)
	const { openS3 } = await import('./s3/s3.ts') // the SDK takes a while to load
	return openS3({ directory, place: s3, report })
}
