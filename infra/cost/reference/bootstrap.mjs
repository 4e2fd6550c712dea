// Lambda's side of Node: asks the Runtime API for work, and writes logs as the managed
// runtime does.
import { format } from 'node:util';

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
let requestId = '';
const log = (level) => (...values) => {
  const line = `${new Date().toISOString()}\t${requestId}\t${level}\t${format(...values)}`;
  process.stdout.write(`${line.replaceAll('\n', '\r')}\n`);
};
Object.assign(console, { log: log('INFO'), info: log('INFO'), warn: log('WARN'), error: log('ERROR') });

const post = (path, value) =>
  fetch(`${api}/${path}`, { method: 'POST', body: JSON.stringify(value ?? null) });

const { handler } = await import(process.argv[2]);
for (;;) {
  const next = await fetch(`${api}/invocation/next`);
  requestId = next.headers.get('lambda-runtime-aws-request-id');
  const deadline = Number(next.headers.get('lambda-runtime-deadline-ms'));
  const context = {
    awsRequestId: requestId,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    const answer = await handler(await next.json(), context);
    await post(`invocation/${requestId}/response`, answer);
  } catch (error) {
    const report = { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') };
    console.error('Invoke Error', JSON.stringify(report));
    await post(`invocation/${requestId}/error`, report);
  }
}
