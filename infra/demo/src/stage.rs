//! A deployed stack, with a simulated Stripe behind it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tributary_aws::Aws;
use tributary_aws::operate::Queues;
use tributary_simulator::World;
use tributary_simulator::server::{ApiConfig, ApiServer};

use crate::drain::{self, DrainError, Waiting};
use crate::stack::{Stack, StackError};

/// Why there is no stage.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The simulated Stripe does not listen.
    #[error("the simulated Stripe cannot listen: {0}")]
    Stripe(#[from] std::io::Error),
    /// There is no stack.
    #[error(transparent)]
    Stack(#[from] StackError),
}

/// Where a world is played.
#[derive(Debug)]
pub struct Stage {
    /// The stack.
    pub stack: Stack,
    /// The way to its services.
    pub aws: Aws,
    /// Its queues.
    pub queues: Queues,
    /// Stripe's API over the world.
    pub stripe: ApiServer,
    world: Arc<Mutex<World>>,
}

impl Stage {
    /// Starts Stripe's API over a world, and a fresh stack of that name behind it.
    ///
    /// # Errors
    /// When either does not come up.
    pub async fn open(name: &str, world: World) -> Result<Self, StageError> {
        let world = Arc::new(Mutex::new(world));
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let stripe = ApiServer::start(Arc::clone(&world), ApiConfig::default(), address)?;
        let stack = Stack::up(name, &stripe.url())?;
        let aws = stack.aws().await;
        Ok(Self {
            queues: Queues::new(&aws),
            stack,
            aws,
            stripe,
            world,
        })
    }

    /// The world, while nobody else asks Stripe's API.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until some queues are empty.
    ///
    /// # Errors
    /// When that takes longer than `at_most`.
    pub async fn until_empty(
        &self,
        of: &[(&'static str, &str)],
        at_most: Duration,
        progress: impl Fn(&Waiting),
    ) -> Result<(), DrainError> {
        drain::until_empty(&self.stack, &self.queues, of, at_most, progress).await
    }

    /// Stops both.
    ///
    /// # Errors
    /// When the stack cannot be stopped.
    pub fn close(self) -> Result<(), StackError> {
        self.stack.down()?;
        self.stripe.stop();
        Ok(())
    }
}
