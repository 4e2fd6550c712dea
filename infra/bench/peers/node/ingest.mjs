// ingest_webhook as one would write it for Node: Stripe's library verifies, the AWS
// SDK sends. The same requests to AWS, the same message and the same answers as ours.
import { createHash } from 'node:crypto'

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import Stripe from 'stripe'

const QueueUrl = process.env.EVENTS_QUEUE_URL
const stripe = new Stripe('sk_unused')
const sqs = new SQSClient({})
const secretsManager = new SecretsManagerClient({})

/** `name=secret,…` as in template.yaml, with the secrets read. */
async function readSecrets() {
  const pairs = process.env.STRIPE_ENDPOINTS.split(',').map((pair) => pair.split('='))
  const read = pairs.map(async ([endpoint, SecretId]) => {
    const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId }))
    return [endpoint, JSON.parse(SecretString).signing_secrets]
  })
  return new Map(await Promise.all(read))
}

// During INIT, where Lambda does not throttle the CPU.
const [secrets] = await Promise.all([
  readSecrets(),
  sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] })),
])

/** The first 128 bits of the SHA-256 of parts, each behind its length. */
function fingerprint(...parts) {
  const hash = createHash('sha256')
  for (const part of parts) {
    const bytes = Buffer.from(part)
    const length = Buffer.alloc(8)
    length.writeBigUInt64BE(BigInt(bytes.length))
    hash.update(length).update(bytes)
  }
  return hash.digest('hex').slice(0, 32)
}

const traceparent = (id) =>
  `00-${fingerprint('trace', id)}-${fingerprint('span', id).slice(0, 16)}-01`

const answer = (statusCode, result) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ result }),
})

/** The event, if one of the secrets signed the body; otherwise nothing. */
function verified(body, signature, candidates) {
  for (const secret of candidates) {
    try {
      return stripe.webhooks.constructEvent(body, signature, secret)
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error
    }
  }
}

const attribute = (StringValue) => ({ DataType: 'String', StringValue })

export async function handler(request) {
  const endpoint = request.pathParameters?.endpoint
  if (!secrets.has(endpoint)) return answer(404, 'not_found')
  if (request.requestContext.http.method !== 'POST') return answer(405, 'method_not_allowed')
  const signature = request.headers['stripe-signature']
  if (signature === undefined) return answer(400, 'header_missing')
  const body = Buffer.from(request.body, request.isBase64Encoded ? 'base64' : 'utf8')
  const event = verified(body, signature, secrets.get(endpoint))
  if (event === undefined) return answer(400, 'mismatch')
  await sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: body.toString(),
      MessageGroupId: event.livemode ? `live:${event.account ?? 'platform'}` : 'test',
      MessageAttributes: {
        kind: attribute('event'),
        traceparent: attribute(traceparent(event.id)),
        endpoint: attribute(endpoint),
      },
    }),
  )
  return answer(200, 'queued')
}
