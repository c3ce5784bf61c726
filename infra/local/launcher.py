"""Runs the emulator for as long as whoever started it lives, and no longer.

Started by the local cloud with a pipe on standard input that nobody writes to. When the pipe closes, because the
local cloud closed it or was killed, the emulator saves its state and ends, and every function with it.
The names used of the emulator's modules are those of the version pinned in requirements.txt.
"""
import base64
import fcntl
import json
import os
import signal
import sys
import threading
import time
from urllib.parse import parse_qs, quote_plus, urlsplit

LAST_RESORT_SECONDS = 60
ENVIRONMENTS = 16


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


def create_identity_providers(provisioners, cognito):
    """Gives CloudFormation the user pools' identity providers, which the emulator has and its CloudFormation has not."""

    def done(answer):
        if answer[0] >= 400:
            raise ValueError(f"AWS::Cognito::UserPoolIdentityProvider failed: {answer[2]!r}")

    def create(_, properties, __):
        done(cognito._create_identity_provider(properties))
        return properties["ProviderName"], {}

    def update(_, before, after, __):
        if any(before.get(name) != after.get(name) for name in ("UserPoolId", "ProviderName", "ProviderType")):
            delete(_, before)
            return create(_, after, __)
        done(cognito._update_identity_provider(after))
        return after["ProviderName"], {}

    def delete(_, properties):
        cognito._delete_identity_provider(properties)

    provisioners._RESOURCE_HANDLERS["AWS::Cognito::UserPoolIdentityProvider"] = {
        "create": create,
        "update": update,
        "delete": delete,
    }


def check_federated_codes(cognito):
    """Holds the codes of sign-ins through identity providers to the same checks (client, secret, PKCE) as those of the pool's own pages."""
    authorize = cognito._oauth2_authorize_federation

    def authorize_and_note(query):
        answer = authorize(query)
        sent = parse_qs(urlsplit(answer[1].get("Location", "")).query)
        for key in sent.get("state", []) + sent.get("RelayState", []):
            if key in cognito._auth_codes:
                challenge = [cognito._qp(query, name) for name in ("code_challenge", "code_challenge_method")]
                cognito._auth_codes[key]["challenge"] = challenge
        return answer

    def exchanged(respond, relay_of):
        def respond_and_move(*request):
            relay = cognito._auth_codes.get(relay_of(*request), {})
            answer = respond(*request)
            for code in parse_qs(urlsplit(answer[1].get("Location", "")).query).get("code", []):
                federated = cognito._auth_codes.pop(code)
                challenge, method = relay.get("challenge", ["", ""])
                kept = {name: federated[name] for name in ("client_id", "pool_id", "redirect_uri", "username", "nonce")}
                cognito._authorization_codes[code] = {
                    **kept,
                    "scope": federated["scopes"],
                    "code_challenge": challenge,
                    "code_challenge_method": method,
                    "expires_at": time.time() + 300,
                }
            return answer

        return respond_and_move

    def relay_of_saml(body, query):
        return parse_qs(body.decode()).get("RelayState", [""])[0]

    def relay_of_oidc(method, body, query):
        return cognito._qp(query, "state")

    cognito._oauth2_authorize_federation = authorize_and_note
    cognito._saml2_idp_response = exchanged(cognito._saml2_idp_response, relay_of_saml)
    cognito._oauth2_idp_response = exchanged(cognito._oauth2_idp_response, relay_of_oidc)


def flatten_claims(cognito):
    """Makes one text of what a provider tells in several values, as Cognito does; the emulator drops them, or all but the first."""
    told, read = cognito._apply_inbound_federation_trigger, cognito._parse_saml_response
    attribute = "{urn:oasis:names:tc:SAML:2.0:assertion}Attribute"

    def flat(claim):
        if isinstance(claim, list):
            return "[" + ",".join(quote_plus(str(value), safe=".-*_") for value in claim) + "]"
        return str(claim).lower() if isinstance(claim, bool) else str(claim)

    def tell_flat(*arguments):
        claims = arguments[-1].get("idToken")
        mapped = told(*arguments)
        return mapped or (claims and {name: flat(claim) for name, claim in claims.items()}) or {}

    def read_flat(encoded):
        assertion = read(encoded)
        for found in cognito.safe_xml_parse(base64.b64decode(encoded)).iter(attribute):
            values = [value.text or "" for value in found.iter(f"{attribute}Value")]
            if len(values) > 1:
                assertion["attributes"][found.get("Name", "")] = flat(values)
        return assertion

    cognito._apply_inbound_federation_trigger = tell_flat
    cognito._parse_saml_response = read_flat


def queue_invocations(functions):
    """Has an invocation wait for one of its function's environments, instead of starting more processes at once than a machine can bear."""
    execute, turns = functions._execute_function_dispatch, {}

    def execute_in_turn(function, config, *rest):
        with turns.setdefault(config["FunctionName"], threading.BoundedSemaphore(ENVIRONMENTS)):
            return execute(function, config, *rest)

    functions._execute_function_dispatch = execute_in_turn


def meter(functions, dynamodb, sessions, notes):
    """Notes what would be billed: a line a run (function, milliseconds) and a line a call to DynamoDB (role, operation, units)."""
    execute, handle = functions._execute_function_dispatch, dynamodb.handle_request

    def execute_and_note(function, config, *rest):
        begun = time.monotonic()
        result = execute(function, config, *rest)
        notes.write(f"run {config['FunctionName']} {1000 * (time.monotonic() - begun):.1f}\n")
        return result

    async def handle_and_note(method, path, headers, body, query):
        key = headers.get("authorization", "").partition("Credential=")[2].partition("/")[0]
        session, operation = sessions.get(key), headers.get("x-amz-target", "").partition(".")[2]
        if session is None or not operation.endswith(("Item", "Items", "Query", "Scan")):
            return await handle(method, path, headers, body, query)
        asked = json.dumps({**json.loads(body), "ReturnConsumedCapacity": "TOTAL"}).encode()
        answer = await handle(method, path, headers, asked, query)
        told = json.loads(answer[2]).get("ConsumedCapacity") or []
        told = told if isinstance(told, list) else [told]
        notes.write(f"units {session['Arn'].split('/')[1]} {operation} {sum(it['CapacityUnits'] for it in told)}\n")
        return answer

    functions._execute_function_dispatch = execute_and_note
    dynamodb.handle_request = handle_and_note


def note_actions(app, evaluator, s3, sessions, path, calls):
    """Has functions sign by their roles, and notes whether each role's policies allow what it does; nothing is refused.

    A line an outcome, role and action: `allowed millwright-local-FleetRole-1A2B dynamodb:GetItem`. Policies that ask for TLS are content, of which there is
    none on the loopback. Whoever runs the local cloud may do everything, unsigned. Requests to the API are signed for the address of the proxy before
    it: the gateway looks whose the key is, and no more.
    """
    enforce, authenticate = evaluator.enforce, evaluator.authenticate
    key_of, noted, notes = s3._request_access_key, set(), open(path, "w", buffering=1)

    def note(key, action, *rest, **more):
        session = sessions.get(key)
        if session is None:
            return None
        refused = enforce(key, action, *rest, **more)
        line = f"{'refused' if refused else 'allowed'} {session['Arn'].split('/')[1]} {action}"
        calls.write(f"call {session['Arn'].split('/')[1]} {action}\n")
        if line not in noted:
            noted.add(line)
            notes.write(line + "\n")
        return None

    evaluator.enforce = note
    evaluator.check_credentials = lambda *_: None
    evaluator.authenticate = lambda key, account: authenticate(key, account) if sessions.get(key) else None
    s3._request_access_key = lambda *request: key_of(*request) or "test"
    app._enforce_execute_api = lambda *_, **__: None
    app.pin_request_origin = lambda address, _: evaluator.pin_request_origin(address, True)


def main():
    threading.Thread(target=end_with_starter, daemon=True).start()
    lock = hold(sys.argv[1])
    actions, metered = sys.argv[2], open(sys.argv[3], "w", buffering=1)
    sys.argv = sys.argv[:1]
    from ministack import app
    from ministack.core import iam_evaluator
    from ministack.services import apigateway_v1, cognito, dynamodb, lambda_svc, s3, sqs, sts
    from ministack.services.cloudformation import provisioners

    end_once_saved(app)
    release_messages(sqs)
    read_extensions(apigateway_v1)
    create_identity_providers(provisioners, cognito)
    check_federated_codes(cognito)
    flatten_claims(cognito)
    meter(lambda_svc, dynamodb, sts._sessions, metered)
    queue_invocations(lambda_svc)
    note_actions(app, iam_evaluator, s3, sts._sessions, actions, metered)
    app.main()
    lock.close()


main()
