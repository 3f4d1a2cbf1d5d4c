import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Plugin } from 'graphql-yoga'

const SWAGGER = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

/** What Swagger UI needs of its package, by the name below `/api/docs/`. */
const SWAGGER_FILES: Readonly<Record<string, string>> = {
	'swagger-ui.css': 'text/css; charset=utf-8',
	'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
	'favicon-32x32.png': 'image/png',
}

const SWAGGER_PAGE = `<!doctype html>
<html lang="zh">
<head><meta charset="utf-8"><title>anythingllm-api</title><link rel="stylesheet" href="/api/docs/swagger-ui.css"><link rel="icon" href="/api/docs/favicon-32x32.png"></head>
<body><div id="ui"></div><script src="/api/docs/swagger-ui-bundle.js"></script><script src="/api/docs/start.js"></script></body>
</html>`
const SWAGGER_START = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#ui', persistAuthorization: false, validatorUrl: null })`

/** Both pages run code of ours and of their packages alone; GraphiQL keeps its workers in blobs and its styles inline. */
const CONTENT_SECURITY_POLICY =
	"default-src 'none'; script-src 'self' 'unsafe-inline' blob:; worker-src blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The pages for people, served by ourselves: GraphiQL for browsers at `/graphql`, Swagger UI at `/api/docs`. */
export function usePages({ graphiql }: { graphiql: boolean }): Plugin {
	return {
		async onRequest({ request, url, endResponse, fetchAPI }) {
			if (request.method !== 'GET') return
			if (!graphiql && url.pathname === '/graphql') return
			const page = await pageOf(url.pathname, request.headers.get('accept') ?? '')
			if (!page) return
			if ('location' in page) return endResponse(new fetchAPI.Response(null, { status: 302, headers: page }))
			endResponse(
				new fetchAPI.Response(page.body as BodyInit, {
					headers: { 'content-type': page.type, 'content-security-policy': CONTENT_SECURITY_POLICY, 'cache-control': 'no-cache' },
				}),
			)
		},
	}
}

type Page = { body: string | Uint8Array; type: string } | { location: string }

async function pageOf(pathname: string, accept: string): Promise<Page | undefined> {
	const html = 'text/html; charset=utf-8'
	if (pathname === '/') return { location: '/api/docs' }
	if (pathname === '/graphql') return accept.includes('text/html') ? { body: await graphiql(), type: html } : undefined
	if (pathname === '/api/docs' || pathname === '/api/docs/') return { body: SWAGGER_PAGE, type: html }
	if (pathname === '/api/docs/start.js') return { body: SWAGGER_START, type: 'text/javascript; charset=utf-8' }
	const name = pathname.startsWith('/api/docs/') ? pathname.slice('/api/docs/'.length) : ''
	const type = Object.hasOwn(SWAGGER_FILES, name) ? SWAGGER_FILES[name] : undefined
	return type ? { body: await readFile(path.join(SWAGGER, name)), type } : undefined
}

/** Loaded when first asked for: it weighs megabytes. */
async function graphiql(): Promise<string> {
	const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
	return renderGraphiQL({ title: 'anythingllm-api', endpoint: '/graphql', subscriptionsProtocol: 'GRAPHQL_SSE' } as Parameters<
		typeof renderGraphiQL
	>[0])
}
