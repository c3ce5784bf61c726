"""Runs the emulator for as long as whoever started it lives, and no longer.

Started by the local cloud with a pipe on standard input that nobody writes to. When the pipe closes, because the
local cloud closed it or was killed, the emulator saves its state and ends, and every function with it.
The names used of the emulator's modules are those of the version pinned in requirements.txt.
"""
import fcntl
import os
import signal
import sys
import threading
import time

LAST_RESORT_SECONDS = 15


def end_with_starter():
    """Ends the emulator when standard input closes; by force when it does not end by itself."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_RESORT_SECONDS)
    os.killpg(0, signal.SIGKILL)


def hold(path):
    """Waits until the emulator that used this state before has saved it and gone."""
    lock = open(path, "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def end_once_saved(app):
    """Ends the process group as soon as the state is saved, instead of waiting for functions to finish."""
    save = app.save_all

    def save_and_end(services):
        forget_logs()
        save(services)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)
        os._exit(0)

    app.save_all = save_and_end


def forget_logs():
    """Drops log lines: they are read while the cloud runs and would make each start slower than the last."""
    logs = sys.modules.get("ministack.services.cloudwatch_logs")
    for _, group in logs._log_groups.all_items() if logs else ():
        group["streams"].clear()


def release_messages(sqs):
    """Makes messages visible that a function held when the emulator ended: no function holds them any more."""
    restore = sqs.load_persisted_state

    def restore_and_release(data):
        restore(data)
        for queue in sqs._queues.all_values():
            for message in queue["messages"]:
                if message.get("receive_count"):
                    message["visible_at"] = time.time()

    sqs.load_persisted_state = restore_and_release


def read_extensions(gateway):
    """Takes binary types and gateway responses from an API's body, as API Gateway does and the emulator does not."""
    create = gateway._import_rest_api

    def import_rest_api(body, settings):
        binary = body.get("x-amazon-apigateway-binary-media-types", [])
        api = create(body, {**settings, "binaryMediaTypes": binary or settings.get("binaryMediaTypes", [])})
        for kind, response in body.get("x-amazon-apigateway-gateway-responses", {}).items():
            gateway._put_gateway_response(api, kind, response)
        return api

    gateway._import_rest_api = import_rest_api


def main():
    threading.Thread(target=end_with_starter, daemon=True).start()
    lock = hold(sys.argv[1])
    sys.argv = sys.argv[:1]
    from ministack import app
    from ministack.services import apigateway_v1, sqs

    end_once_saved(app)
    release_messages(sqs)
    read_extensions(apigateway_v1)
    app.main()
    lock.close()


main()
