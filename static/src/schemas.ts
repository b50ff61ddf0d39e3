// The schemas of openapi.json that the UI uses, by name. Only this file and api.ts read the generated types.

import type { components } from "./openapi";

type Schemas = components["schemas"];

export type AccessToken = Schemas["AccessToken"];
export type AccountResponse = Schemas["Me"];
export type BulkResponse = Schemas["BulkAnswer"];
export type CocoDocument = Schemas["CocoDocument"];
export type Detection = Schemas["DetectedObject"];
export type ImageDetails = Schemas["ImageDetails"];
export type ImageSummary = Schemas["ImageSummary"];
export type PictureSearchResponse = Schemas["PictureResults"];
export type RedetectionProgress = Schemas["RedetectionProgress"];
export type SubscriptionList = Schemas["SubscriptionList"];
export type SubscriptionResponse = Schemas["SubscriptionAnswer"];
export type TagCount = Schemas["CountedTag"];
export type TagEditRequest = Schemas["TagEdit"];
export type TagSource = Schemas["TagSource"];
export type TagTotal = Schemas["TagTotal"];
export type UsageResponse = Schemas["UsageAnswer"];
