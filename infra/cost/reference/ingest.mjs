// API Gateway (REST) -> SQS FIFO: verify, then queue the event as it came.
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import Stripe from 'stripe';

const stripe = new Stripe('sk_live_only_for_verifying');
// The metered SQS answers without checksums.
const sqs = new SQSClient({ md5: false });
const { SIGNING_SECRET, EVENTS_QUEUE_URL } = process.env;

export const handler = async ({ body, headers }) => {
  let event;
  try {
    event = stripe.webhooks.constructEvent(body, headers['stripe-signature'], SIGNING_SECRET);
  } catch (error) {
    console.warn(JSON.stringify({ message: 'refused', error: error.type }));
    return { statusCode: 400, body: '{"error":"signature"}' };
  }
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: EVENTS_QUEUE_URL,
      MessageBody: body,
      MessageGroupId: event.account ?? 'platform',
      MessageDeduplicationId: event.id,
    }),
  );
  console.log(JSON.stringify({ message: 'queued', id: event.id, type: event.type }));
  return { statusCode: 200, body: '{"received":true}' };
};
