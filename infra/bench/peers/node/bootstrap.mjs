// The loop between Lambda's Runtime API and a handler, on one kept connection.
// aws-lambda-ric does the same through a C++ addon, which npm compiles on the spot
// with cmake and curl's sources; this is less work than that, not more.
import { Agent, request } from 'node:http'
import { pathToFileURL } from 'node:url'

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const options = { agent, host, port, method, headers, path: `/2018-06-01/runtime/${path}` }
    const sent = request(options, (answer) => {
      const chunks = []
      answer.on('data', (chunk) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => resolve({ headers: answer.headers, text: Buffer.concat(chunks).toString() }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const failure = (error) =>
  JSON.stringify({ errorType: error.name, errorMessage: String(error.message) })

let handler
try {
  handler = (await import(pathToFileURL(process.argv[2]).href)).handler
} catch (error) {
  await call('POST', 'init/error', failure(error))
  process.exit(1)
}

for (;;) {
  const { headers, text } = await call('GET', 'invocation/next')
  const id = headers['lambda-runtime-aws-request-id']
  process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id']
  try {
    const answer = await handler(JSON.parse(text))
    await call('POST', `invocation/${id}/response`, JSON.stringify(answer))
  } catch (error) {
    await call('POST', `invocation/${id}/error`, failure(error))
  }
}
