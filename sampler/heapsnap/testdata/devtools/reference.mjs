// Analyses a snapshot with the code of Chrome's DevTools, and writes what it
// finds: a line of JSON, then for each node four doubles.
import { appendFileSync, createReadStream, writeFileSync } from 'node:fs'
import { parse } from 'heap-snapshot-toolkit'

console.time = console.timeEnd = () => {}
console.warn = () => {} // of nodes that only weak edges lead to
const [file, to] = process.argv.slice(2)
const s = await parse(createReadStream(file, 'utf-8'))
const classes = Object.entries(s.aggregatesWithFilter({})).map(([Key, c]) => ({
  Key, Name: c.name, Count: c.count, Shallow: c.self, Retained: c.maxRet, Distance: c.distance,
}))
const n = s.nodeCount

writeFileSync(to, JSON.stringify({ nodes: n, edges: s.containmentEdges.length / s.edgeFieldsCount, total: s.totalSize, statistics: s.getStatistics(), classes }) + '\n')
const rows = new Float64Array(4 * n)
for (let i = 0; i < n; i++) {
  rows[4 * i] = s.dominatorsTree[i]
  rows[4 * i + 1] = s.nodes.getValue(i * s.nodeFieldCount + s.nodeSelfSizeOffset)
  rows[4 * i + 2] = s.retainedSizes[i]
  rows[4 * i + 3] = s.nodeDistances[i]
}
appendFileSync(to, new Uint8Array(rows.buffer))
