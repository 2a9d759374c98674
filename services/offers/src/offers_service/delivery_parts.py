"""The half of the process that delivers messages, put together for __main__ and for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
from dangol.offers.v1.delivery_service_pb2_grpc import add_DeliveryServiceServicer_to_server
from dangol.offers.v1.messaging_service_pb2_grpc import add_MessagingServiceServicer_to_server
from dangol.offers.v1.webhook_service_pb2_grpc import add_WebhookServiceServicer_to_server
from dangol.profile.v1.contact_service_pb2_grpc import ContactServiceStub
from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from dangol_service_kit.clock import Clock
from dangol_service_kit.keys import TenantKeys
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.tenants import TenantDirectory

from offers_service import rpc_delivery, rpc_messaging, rpc_webhooks
from offers_service.clients_contacts import ProfileContacts
from offers_service.clients_habits import Habits
from offers_service.clients_recipients import ProfileRecipients
from offers_service.clients_webhooks import WebhookClient
from offers_service.relay_messages import MessageTeller, Sender
from offers_service.rpc_delivery import DeliveryServicer
from offers_service.rpc_messaging import MessagingServicer
from offers_service.rpc_webhooks import WebhookServicer
from offers_service.service_delivery import DeliveryDesk, Outbox
from offers_service.service_dispatch import Dispatcher, Gate
from offers_service.service_lineage import Ancestry
from offers_service.service_messaging import MessagingDesk, Wording
from offers_service.service_reach import ReachBook
from offers_service.service_webhooks import WebhookDesk, WebhookPump
from offers_service.store_messages import MessageStore
from offers_service.store_reach import ReachStore
from offers_service.store_templates import TemplateStore
from offers_service.store_webhooks import WebhookStore
from offers_service.timers_messages import MessageTimers
from offers_service.timers_webhooks import WebhookTimers
from offers_service.watch_messages import MessageWatch


class DeliveryParts:
    """Servicers to add to the server, `prepare` before and `run` beside it."""

    def __init__(
        self,
        *,
        database: Any,
        profile: grpc.aio.Channel,
        token: Callable[[str], str],
        directory: TenantDirectory,
        clock: Clock,
        keys: TenantKeys,
        lineage: Ancestry,
        webhooks_private: bool = False,
    ) -> None:
        self.store = MessageStore(database)
        self.templates = TemplateStore(database)
        self.wording = Wording(self.templates, directory)
        self.outbox = Outbox(self.store, self.wording)
        self.desk = DeliveryDesk(self.store)
        recipients = ProfileRecipients(CustomerServiceStub(profile), token, directory)
        contacts = ProfileContacts(ContactServiceStub(profile), token)
        self.reach = ReachStore(database)
        self._gate = gate = Gate(
            recipients=recipients,
            wording=self.wording,
            contacts=contacts,
            reach=ReachBook(self.reach, lineage),
            habits=Habits(CustomerServiceStub(profile), token, self.store, directory),
        )
        self.dispatcher = Dispatcher(self.store, gate, directory, clock)
        watch = MessageWatch(self.store, self.dispatcher, keys)
        self.webhooks = WebhookStore(database)
        self._client = WebhookClient(private=webhooks_private)
        self._pump = pump = WebhookPump(
            store=self.webhooks,
            dispatcher=self.dispatcher,
            desk=self.desk,
            poster=self._client,
            keys=keys,
            clock=clock,
        )
        self._posts = WebhookTimers(pump)
        self._teller: MessageTeller | None = None
        # What Server.add asks for.
        self.servicers = (
            (
                add_DeliveryServiceServicer_to_server,
                DeliveryServicer(self.outbox, self.desk, watch, clock),
                rpc_delivery.SERVICE_NAME,
                ("Watch",),
            ),
            (
                add_MessagingServiceServicer_to_server,
                MessagingServicer(MessagingDesk(self.templates, self.wording)),
                rpc_messaging.SERVICE_NAME,
                (),
            ),
            (
                add_WebhookServiceServicer_to_server,
                WebhookServicer(WebhookDesk(self.webhooks, keys), private=webhooks_private),
                rpc_webhooks.SERVICE_NAME,
            ),
        )
        self._timers = MessageTimers(self.dispatcher, directory)

    async def prepare(self) -> None:
        """Creates collections and indexes; harmless to repeat."""
        await self.store.prepare()
        await self.templates.prepare()
        await self.webhooks.prepare()
        await self.reach.prepare()

    def teller(self, sender: Sender, pending: set[str]) -> MessageTeller:
        """What tells profile of messages, through the relay's own sender."""
        self._teller = MessageTeller(self.store, sender, pending)
        return self._teller

    def observe(self, metrics: Metrics) -> None:
        """What went wrong with messages, for whoever watches."""
        posted, failed = "Webhooks posted.", "Webhooks that were not answered by 2xx."
        metrics.total("dangol_offers_webhooks_posted", posted, lambda: self._pump.posted)
        metrics.total("dangol_offers_webhooks_failed", failed, lambda: self._pump.failed)
        faults = "Messages that could not be judged for a fault of ours, or not be read at all."
        metrics.total(
            "dangol_offers_message_faults",
            faults,
            lambda: self._gate.faults + self.store.set_aside,
        )
        untold = "Times that a tenant's news of messages did not reach profile."
        metrics.total(
            "dangol_offers_message_news_failures",
            untold,
            lambda: self._teller.failures if self._teller else 0,
        )

    async def run(self) -> None:
        """Looks at what falls due, posts to endpoints, and takes back what nobody answered, until
        cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._timers.run())
                group.create_task(self._timers.run_leases())
                group.create_task(self._posts.run())
        finally:
            await self._client.close()
