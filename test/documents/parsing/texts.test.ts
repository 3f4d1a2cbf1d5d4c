import { describe, expect, it } from 'vitest'
import { chunk } from '../../../src/documents/chunking.ts'
import { outlineOf, useReader } from './read.ts'

const parse = useReader()

describe('CSV', () => {
	it.each([
		['commas', 'Name,Age\nWang,3\n"Li, Ann","say ""4"""\n', 'Name: Wang | Age: 3\nName: Li, Ann | Age: say "4"'],
		['semicolons', 'Name;Size\r\nCork;1,5\r\nBray;2,5', 'Name: Cork | Size: 1,5\nName: Bray | Size: 2,5'],
		['tabs', 'a\tb\n1\t2', 'a: 1 | b: 2'],
		['a declared separator', 'sep=|\na|b\n1|2', 'a: 1 | b: 2'],
		['values of several lines', 'a,b\n"x\ny",2', 'a: x y | b: 2'],
		['no header', '1,2\n3,4', '1 | 2\n3 | 4'],
		['a quote that is never closed', 'a,b\n"1,2', 'a: "1 | b: 2'],
		['rows of different lengths', 'a,b\n1\n1,2,3', 'a: 1\na: 1 | b: 2 | 3'],
	])('with %s has rows with the names of their columns', async (_what, content, text) => {
		expect((await parse('csv', content)).text).toBe(text)
	})

	it('in any encoding', async () => {
		expect((await parse('csv', Buffer.from('d0d5c3fb2cc4eac1e40acdf52c330ac0ee2c34', 'hex'))).text).toBe(
			'姓名: 王 | 年龄: 3\n姓名: 李 | 年龄: 4',
		)
	})
})

describe('JSON', () => {
	it('has its upper keys as headings, and values with their paths', async () => {
		const value = {
			name: 'Kettle',
			parts: { lid: { colour: 'red', sizes: [1, 2] }, base: 'steel' },
			owners: [{ who: 'Ann', age: 3 }, { who: 'Bo' }],
		}
		const parsed = await parse('json', JSON.stringify(value))
		expect(parsed.text).toBe(
			'name: Kettle\n\nparts\n\nbase: steel\n\nlid\n\ncolour: red\nsizes: 1, 2\n\nowners\n\nwho: Ann | age: 3\nwho: Bo',
		)
		expect(outlineOf(parsed)).toEqual(['# parts', '## lid', '# owners'])
	})

	it('nested without end is written as it is from some depth on', async () => {
		const depth = 20_000
		expect((await parse('json', `${'['.repeat(depth)}"x"${']'.repeat(depth)}`)).text).toContain('x')
	})

	it('that is none is text', async () => {
		expect((await parse('json', '{"a": 1,}')).text).toBe('{"a": 1,}')
	})

	it('lines are a record each', async () => {
		const { text } = await parse('jsonl', '{"a":1,"b":"x"}\n\n{"a":{"c":[{"d":1}]}}\nbroken\n')
		expect(text).toBe('a: 1 | b: x\n\na.c:\nd: 1\n\nbroken')
	})
})

describe('a notebook', () => {
	it('has prose with headings, code in fences, and what was printed', async () => {
		const cells = [
			{ cell_type: 'markdown', source: ['# Data\n', 'We load it.'] },
			{
				cell_type: 'code',
				source: 'print(1)',
				outputs: [{ output_type: 'stream', text: ['1\n'] }, { data: { 'text/plain': '<Figure>', 'image/png': 'AAAA' } }],
			},
			{ cell_type: 'code', source: 'x', outputs: [{ ename: 'NameError', evalue: 'x' }] },
		]
		const parsed = await parse('ipynb', JSON.stringify({ nbformat: 4, metadata: { language_info: { name: 'python' } }, cells }))
		expect(parsed.text).toBe(
			'# Data\nWe load it.\n\n```python\nprint(1)\n```\n\nOutput:\n1\n\n<Figure>\n\n```python\nx\n```\n\nOutput:\nNameError: x',
		)
		expect(parsed.headings).toEqual([{ level: 1, start: 0, title: 'Data' }])
	})

	it('says how much of a long print it leaves out', async () => {
		const cells = [{ cell_type: 'code', source: 'x', outputs: [{ text: 'data '.repeat(1_000) }] }]
		expect((await parse('ipynb', JSON.stringify({ nbformat: 4, cells }))).text).toMatch(/data … \(2999 more characters\)$/)
	})
})

describe('XML', () => {
	it('has titles as headings, values with their names, and prose', async () => {
		const parsed = await parse(
			'xml',
			'<?xml version="1.0"?><book id="kettle"><title>Kettles</title><author>Ann</author><year>2026</year><chapter><title>Lids</title><para>A lid is <em>round</em>.</para><para>It fits.</para></chapter></book>',
		)
		expect(parsed.text).toBe(
			'Kettles\n\nbook id: kettle\n\nauthor: Ann | year: 2026\n\nLids\n\nA lid is round.\n\npara: It fits.'.replace(
				'para: It fits.',
				'para: It fits.',
			),
		)
		expect(outlineOf(parsed)).toEqual(['# Kettles', '## Lids'])
	})

	it('of a feed has its items, their HTML read', async () => {
		const item = '<item><title>News</title><link>http://a/b</link><description><![CDATA[<p>Otters <b>won</b>.</p>]]></description></item>'
		const parsed = await parse('xml', `<rss><channel><title>Feed</title>${item}</channel></rss>`)
		expect(parsed.text).toBe('Feed\n\nNews\n\nlink: http://a/b\n\nOtters won.')
		expect(outlineOf(parsed)).toEqual(['# Feed', '## News'])
	})

	it('is read in the encoding that it declares', async () => {
		const xml = Buffer.concat([Buffer.from('<?xml version="1.0" encoding="GBK"?><a>'), Buffer.from('d6d0', 'hex'), Buffer.from('</a>')])
		expect((await parse('xml', xml)).text).toBe('中')
	})

	it.each([
		['entities of entities', '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b; end</l>'],
		['files', '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x; end</l>'],
	])('does not follow %s', async (_what, xml) => {
		expect((await parse('xml', `<?xml version="1.0"?>${xml}`)).text).toMatch(/^&[bx]; end$/)
	})
})

describe('subtitles', () => {
	it('are what is said, in paragraphs with their time', async () => {
		const srt =
			'1\n00:00:01,000 --> 00:00:03,000\n<i>Hello</i>\nthere.\n\n2\n00:00:03,500 --> 00:00:04,000\nHow are you?\n\n3\n01:02:03,000 --> 01:02:04,000\nBye.\n'
		expect((await parse('subtitles', srt)).text).toBe('[00:00:01] Hello there. How are you?\n\n[01:02:03] Bye.')
	})

	it('of the web have speakers, and neither notes nor styles', async () => {
		const vtt = 'WEBVTT\n\nNOTE made by hand\n\nSTYLE\n::cue { color: red }\n\nintro\n00:01.000 --> 00:02.000 align:start\n<v Ann>Hi.</v>\n'
		expect((await parse('subtitles', vtt)).text).toBe('[00:00:01] Ann: Hi.')
	})
})

describe('source code', () => {
	it.each<[string, string, string[]]>([
		[
			'Python',
			'import os\n\nclass Kettle(Base):\n    def boil(self, t=1):\n        if (t): pass\n\nasync def main():\n    pass\n',
			['# class Kettle(Base)', '## def boil', '# def main'],
		],
		[
			'TypeScript',
			'export class A<T> extends B {\n  constructor(db: Db) {\n    if (x) {\n    }\n  }\n  async run(a: string): Promise<void> {\n  }\n}\nexport const make = (a: number): number => a\nexport interface C {\n}\n',
			['# class A<T> extends B', '## constructor(db: Db)', '## run(a: string): Promise<void>', '# const make', '# interface C'],
		],
		[
			'Go',
			'type Server struct {\n}\n\nfunc (s *Server) Run(ctx context.Context) error {\n\treturn nil\n}\n',
			['# type Server struct', '# func (s *Server) Run'],
		],
		[
			'Rust',
			'pub struct A;\nimpl Trait for A {\n    pub fn go(&self) -> u8 {\n    }\n}\n',
			['# struct A', '# impl Trait for A', '## fn go'],
		],
		[
			'Java',
			'public class A {\n    private static int f(int x) {\n        for (;;) {\n        }\n    }\n}\n',
			['# class A', '## int f(int x)'],
		],
		['C', 'static int add(int a, int b) {\n\treturn a + b;\n}\n', ['# int add(int a, int b)']],
		[
			'C#, its braces on lines of their own',
			'namespace Shop\n{\n    [Serializable]\n    public class Basket : List<Item>\n    {\n        public Basket(int size)\n            : base(size)\n        {\n        }\n\n        public async Task<int> AddAsync(\n            Item item,\n            int count)\n        {\n            if (count > 0)\n            {\n                await store.Put(item);\n            }\n        }\n    }\n}\n',
			[
				'# namespace Shop',
				'## class Basket : List<Item>',
				'### Basket(int size) : base(size)',
				'### Task<int> AddAsync(Item item, int count)',
			],
		],
		[
			'C, its braces on lines of their own',
			'static int\nadd(int a, int b)\n{\n\twhile (a)\n\t{\n\t\tgo(a,\n\t\t\tb);\n\t}\n\treturn a;\n}\n\nvoid *find(const char *name,\n\tsize_t length)\n{\n}\n',
			['# add(int a, int b)', '# void *find(const char *name, size_t length)'],
		],
		[
			'Java with annotations',
			'@RestController\n@RequestMapping("/kettles")\npublic class Kettles\n{\n    @Override\n    public void boil(\n        final int degrees,\n        final int minutes\n    ) throws IOException {\n    }\n}\n',
			['# class Kettles', '## void boil(final int degrees, final int minutes) throws IOException'],
		],
		[
			'Python with decorators and parameters in lines',
			'@dataclass\nclass Kettle:\n    @property\n    def size(self):\n        pass\n\n    async def boil(\n        self,\n        degrees: int,\n    ) -> None:\n        pass\n',
			['# class Kettle', '## def size', '## def boil'],
		],
		[
			'Ruby',
			'module Shop\n  class Kettle < Base\n    def self.make(size)\n    end\n\n    def boil?\n    end\n  end\nend\n',
			['# module Shop', '## class Kettle < Base', '### def self.make', '### def boil?'],
		],
		[
			'Kotlin',
			'@Serializable\ndata class Kettle(\n    val size: Int,\n)\n\nfun <T> List<T>.second(): T = this[1]\n\ninterface Boiler {\n    suspend fun boil(degrees: Int)\n}\n',
			['# class Kettle(', '# fun <T> List', '# interface Boiler', '## fun boil'],
		],
		[
			'Rust with attributes',
			'#[derive(Debug)]\npub struct Kettle {\n}\n\n#[tokio::main]\nasync fn main(\n) {\n}\n\npub const fn size() -> u8 {\n}\n\npub enum Heat {\n}\n',
			['# struct Kettle', '# fn main', '# fn size', '# enum Heat'],
		],
		[
			'SQL with functions',
			'CREATE OR REPLACE FUNCTION boil(degrees int)\nRETURNS void AS $$\nBEGIN\nEND\n$$;\nCREATE UNIQUE INDEX kettles_name ON kettles (name);\n',
			['# CREATE OR REPLACE FUNCTION boil', '# CREATE UNIQUE INDEX kettles_name'],
		],
		['SQL', 'CREATE TABLE IF NOT EXISTS users (\n  id int\n);\n', ['# CREATE TABLE IF NOT EXISTS users']],
	])('in %s keeps its text, with headings for what it declares', async (_language, source, outline) => {
		const parsed = await parse('code', source)
		expect(parsed.text).toBe(source.trimEnd())
		expect(parsed.headings.map(({ level, title }) => `${'#'.repeat(level)} ${title}`)).toEqual(outline)
		for (const { start } of parsed.headings) expect(start === 0 || parsed.text[start - 1] === '\n').toBe(true)
	})

	it('has the attributes of a declaration with it, and its symbols in the titles of each chunk', async () => {
		const body = '        total += price * count - discount(price, count);\n'.repeat(60)
		const source = `class Shop\n{\n    [Obsolete]\n    public int Sum(\n        int price)\n    {\n${body}    }\n\n    public int Other()\n    {\n${body}    }\n}\n`
		const parsed = await parse('code', source)
		expect(parsed.text.slice(parsed.headings[1]?.start)).toMatch(/^ {4}\[Obsolete\]/)
		const chunks = [...chunk(parsed)]
		expect(chunks.length).toBeGreaterThan(4)
		for (const { text, start, headings } of chunks) {
			expect(source.startsWith(text, start)).toBe(true)
			expect(headings).toEqual(['class Shop', start < source.indexOf('public int Other') ? 'int Sum(int price)' : 'int Other()'])
		}
	})

	it('of one long line has no headings', async () => {
		expect((await parse('code', `function a(){${'x();'.repeat(50_000)}}`)).headings).toEqual([])
	})
})
