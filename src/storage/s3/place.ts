/** Where files are in S3, and how it is reached. */
export interface S3Place {
	bucket: string
	/** Empty, or ends with a slash. */
	prefix: string
	/** Undefined: as the environment of the AWS SDK says. */
	region: string | undefined
	/** Of what speaks the protocol of S3; undefined: AWS. */
	endpoint: string | undefined
	/** Whether the bucket is in the path of a URL, not in its host. */
	isPathStyle: boolean
	/** Undefined: as the environment of the AWS SDK says, a role for example. */
	credentials: { accessKeyId: string; secretAccessKey: string } | undefined
}

/** What a store of our own calls its region, as it has none. */
const SOME_REGION = 'us-east-1'
const QUERIES = new Set(['region', 'endpoint', 'pathStyle'])

/** Reads `s3://key:secret@bucket/prefix?region=…&endpoint=…&pathStyle=…`; undefined when it is none. */
export function s3PlaceIn(text: string): S3Place | undefined {
	const url = URL.parse(text)
	if (url?.protocol !== 's3:' || url.port !== '' || url.hash !== '') return undefined
	if (!/^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/.test(url.hostname)) return undefined
	if ([...url.searchParams.keys()].some((name) => !QUERIES.has(name)) || (url.username === '') !== (url.password === '')) return undefined
	const { region, endpoint, pathStyle } = Object.fromEntries(url.searchParams) as Record<string, string | undefined>
	if (endpoint !== undefined && !isAddress(endpoint)) return undefined
	if (pathStyle !== undefined && pathStyle !== 'true' && pathStyle !== 'false') return undefined
	const prefix = url.pathname.split('/').filter(Boolean).map(decodeURIComponent)
	return {
		bucket: url.hostname,
		prefix: prefix.map((segment) => `${segment}/`).join(''),
		region: region ?? (endpoint === undefined ? undefined : SOME_REGION),
		endpoint,
		isPathStyle: pathStyle === undefined ? endpoint !== undefined : pathStyle === 'true',
		credentials:
			url.username === ''
				? undefined
				: { accessKeyId: decodeURIComponent(url.username), secretAccessKey: decodeURIComponent(url.password) },
	}
}

function isAddress(text: string): boolean {
	const url = URL.parse(text)
	return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === ''
}
