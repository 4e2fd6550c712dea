//! What a standard queue with dead letters promises, as a suite that runs against the
//! simulated one and against whatever speaks SQS.
#![allow(async_fn_in_trait, reason = "only tests drive queues through it")]

/// Seconds for which a received message is hidden from the next receive.
pub const VISIBILITY_S: i64 = 2;
/// Receives after which a message goes to the dead letters.
pub const RECEIVES_MAX: u32 = 2;

/// A queue of texts, as a test drives it, empty at first and set to [`VISIBILITY_S`]
/// and [`RECEIVES_MAX`].
pub trait DrivenQueue {
    /// One receive of one message.
    type Handle;

    /// Sends a message that can be received in `delay_s` seconds.
    async fn send(&mut self, body: &str, delay_s: i64);
    /// Receives one message, if one is visible.
    async fn receive(&mut self) -> Option<(String, Self::Handle)>;
    /// Deletes a message, if the handle is that of its last receive.
    async fn delete(&mut self, handle: &Self::Handle);
    /// Makes a received message visible at once.
    async fn show(&mut self, handle: &Self::Handle);
    /// The bodies of the dead letters, sorted.
    async fn dead(&mut self) -> Vec<String>;
    /// Moves the dead letters back.
    async fn redrive(&mut self);
    /// Lets time pass.
    async fn wait(&mut self, seconds: i64);
}

/// Runs the whole contract.
///
/// # Panics
/// Where the queue breaks it.
pub async fn holds(queue: &mut impl DrivenQueue) {
    received_is_hidden_and_comes_again(queue).await;
    deleted_is_gone(queue).await;
    a_delayed_message_waits(queue).await;
    a_handle_outlives_the_visibility(queue).await;
    a_handle_is_void_after_the_next_receive(queue).await;
    what_is_shown_comes_again_at_once(queue).await;
    poison_is_a_dead_letter_and_alone(queue).await;
    what_is_moved_back_counts_anew(queue).await;
}

async fn take<Q: DrivenQueue>(queue: &mut Q, body: &str) -> Q::Handle {
    match queue.receive().await {
        Some((received, handle)) if received == body => handle,
        other => unreachable!("{:?} instead of {body}", other.map(|(body, _)| body)),
    }
}

async fn is_empty(queue: &mut impl DrivenQueue) {
    let received = queue.receive().await.map(|(body, _)| body);
    assert_eq!(received, None);
}

async fn received_is_hidden_and_comes_again(queue: &mut impl DrivenQueue) {
    is_empty(queue).await;
    queue.send("hidden", 0).await;
    take(queue, "hidden").await;
    is_empty(queue).await;
    queue.wait(VISIBILITY_S).await;
    let handle = take(queue, "hidden").await;
    queue.delete(&handle).await;
}

async fn deleted_is_gone(queue: &mut impl DrivenQueue) {
    queue.send("deleted", 0).await;
    let handle = take(queue, "deleted").await;
    queue.delete(&handle).await;
    queue.delete(&handle).await;
    queue.wait(VISIBILITY_S).await;
    is_empty(queue).await;
    assert!(queue.dead().await.is_empty());
}

async fn a_delayed_message_waits(queue: &mut impl DrivenQueue) {
    queue.send("delayed", 2).await;
    is_empty(queue).await;
    queue.wait(2).await;
    let handle = take(queue, "delayed").await;
    queue.delete(&handle).await;
}

async fn a_handle_outlives_the_visibility(queue: &mut impl DrivenQueue) {
    queue.send("slow", 0).await;
    let handle = take(queue, "slow").await;
    queue.wait(VISIBILITY_S).await;
    queue.delete(&handle).await;
    is_empty(queue).await;
}

async fn a_handle_is_void_after_the_next_receive(queue: &mut impl DrivenQueue) {
    queue.send("overtaken", 0).await;
    let slow = take(queue, "overtaken").await;
    queue.wait(VISIBILITY_S).await;
    let fast = take(queue, "overtaken").await;
    queue.delete(&slow).await;
    queue.show(&fast).await;
    // Received twice already: it is still there, so it is a dead letter now.
    is_empty(queue).await;
    assert_eq!(queue.dead().await, ["overtaken"]);
    queue.redrive().await;
    let handle = take(queue, "overtaken").await;
    queue.delete(&handle).await;
}

async fn what_is_shown_comes_again_at_once(queue: &mut impl DrivenQueue) {
    queue.send("shown", 0).await;
    let handle = take(queue, "shown").await;
    queue.show(&handle).await;
    let handle = take(queue, "shown").await;
    queue.delete(&handle).await;
}

async fn poison_is_a_dead_letter_and_alone(queue: &mut impl DrivenQueue) {
    queue.send("poison", 0).await;
    for _ in 0..RECEIVES_MAX {
        take(queue, "poison").await;
        queue.wait(VISIBILITY_S).await;
    }
    queue.send("sound", 0).await;
    let handle = take(queue, "sound").await;
    is_empty(queue).await;
    assert_eq!(queue.dead().await, ["poison"]);
    queue.delete(&handle).await;
}

async fn what_is_moved_back_counts_anew(queue: &mut impl DrivenQueue) {
    assert_eq!(queue.dead().await, ["poison"], "from the scene before");
    queue.redrive().await;
    assert!(queue.dead().await.is_empty());
    take(queue, "poison").await;
    queue.wait(VISIBILITY_S).await;
    let handle = take(queue, "poison").await;
    queue.delete(&handle).await;
    queue.wait(VISIBILITY_S).await;
    is_empty(queue).await;
}
