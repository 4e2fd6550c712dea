//! Workers that take turns: who goes on is for the test to say, call by call.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Waits for the worker's next turn. Every port of a worker that takes turns waits
/// for one before each call.
pub async fn turn() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        // A runtime comes back at once; a test when it says so.
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs two workers; `next` says each time which of them goes on, `false` for the
/// first. When one has ended, the other goes on alone.
pub fn take_turns<A, B>(
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
    mut next: impl FnMut() -> bool,
) -> (A, B) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let mut context = Context::from_waker(Waker::noop());
    let (mut a, mut b) = (None, None);
    loop {
        let turn = match (&a, &b) {
            (Some(_), None) => true,
            (None, Some(_)) => false,
            _ => next(),
        };
        if turn {
            if let Poll::Ready(answer) = second.as_mut().poll(&mut context) {
                b = Some(answer);
            }
        } else if let Poll::Ready(answer) = first.as_mut().poll(&mut context) {
            a = Some(answer);
        }
        if let (Some(_), Some(_)) = (&a, &b)
            && let (Some(a), Some(b)) = (a.take(), b.take())
        {
            return (a, b);
        }
    }
}
