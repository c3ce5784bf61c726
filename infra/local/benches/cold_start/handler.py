"""The authorizer's job as one would write it in Python: PyJWT and boto3."""

import os
import ssl

import boto3
import jwt

DIRECTORY = os.environ["DIRECTORY_TABLE"]
KEYS = jwt.PyJWKClient(os.environ["JWKS_URL"], ssl_context=ssl.create_default_context())
DYNAMODB = boto3.client("dynamodb")


def handler(event, _context):
    """Answers one event of API Gateway with a policy."""
    token = event["headers"]["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(
        token,
        KEYS.get_signing_key_from_jwt(token).key,
        algorithms=["RS256"],
        issuer=os.environ["TOKEN_ISSUER"],
        options={"verify_aud": False, "require": ["exp", "iat", "sub"]},
    )
    if claims["token_use"] != "access" or claims["client_id"] != os.environ["USER_POOL_CLIENT_ID"]:
        raise PermissionError("Unauthorized")
    user, org = claims["sub"], event["pathParameters"]["org"]
    keys = [
        (f"USER#{user}", "META"),
        (f"REVOKED#{claims['origin_jti']}", "META"),
        (f"ORG#{org}", "META"),
        (f"USER#{user}", f"ORG#{org}"),
    ]
    keys = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in keys]
    found = DYNAMODB.batch_get_item(RequestItems={DIRECTORY: {"Keys": keys, "ConsistentRead": True}})
    rows = {(row["pk"]["S"], row["sk"]["S"]): row for row in found["Responses"][DIRECTORY]}
    if (f"USER#{user}", "META") not in rows:
        raise PermissionError("Unauthorized")
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": event["methodArn"]}
    return {
        "principalId": user,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"principal": user, "session": claims["origin_jti"]},
    }
